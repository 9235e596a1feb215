"""What each button means: who may press it, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.actions import ActionId, ButtonValue
from bot.core.catalog import Catalog
from bot.core.code import RefKind
from bot.core.deciding import wants_name
from bot.core.errors import UserError
from bot.core.intents import CancelDeployment, Intent, Settle, Settlement, TakeBackVote, TickItem
from bot.core.naming import what_of
from bot.core.policy import Permission
from bot.core.ports import Queries
from bot.core.range_words import careful
from bot.core.records import Deployment
from bot.core.values import Kind, short
from bot.core.visible import clip, visible
from bot.core.votes import VoteKind
from bot.core.wishing import words_of
from bot.slack.asks import Pressed


@dataclass(frozen=True, slots=True)
class VoteForm:
    """A form in which somebody decides on a deployment."""

    deployment: Deployment
    kind: VoteKind

    @property
    def given(self) -> Mapping[str, str]:
        """The fields that are filled in."""
        return {"number": f"#{self.deployment.number}"}

    @property
    def about(self) -> str:
        """What it decides on."""
        deployment = self.deployment
        wish, resolution = deployment.wish, deployment.resolution
        release = f", {resolution.ref_name} at {short(resolution.release.sha)}" if resolution else ""
        what = f"#{deployment.number} {what_of(wish)}{clip(visible(release), 200)}."
        return f"{what} {careful(resolution)}".strip()


@dataclass(frozen=True, slots=True)
class HandOverForm:
    """A form in which somebody lets a newer request replace one that waits."""

    deployment: Deployment
    newer: int

    @property
    def given(self) -> Mapping[str, str]:
        """The fields that are filled in."""
        return {"number": f"#{self.deployment.number}", "newer": f"#{self.newer}"}

    @property
    def about(self) -> str:
        """What gives way to what."""
        deployment, wish = self.deployment, self.deployment.wish
        asker = clip(visible(deployment.requested_by.name), 100)
        place = what_of(wish)
        return f"#{deployment.number} {place}, asked for by {asker}, gives way to #{self.newer}."


@dataclass(frozen=True, slots=True)
class ReleaseForm:
    """A form in which somebody asks for the release of a card somewhere else."""

    deployment: Deployment
    release: str

    @property
    def given(self) -> Mapping[str, str]:
        """The fields that are filled in."""
        return {"service": self.deployment.wish.service, "ref": self.release}

    @property
    def about(self) -> str:
        """What is asked for."""
        deployment = self.deployment
        wish, resolution = deployment.wish, deployment.resolution
        release = f"{resolution.ref_name} at {short(resolution.release.sha)}" if resolution else ""
        where = f"which #{deployment.number} is about, for {wish.environment}"
        return f"The release {clip(visible(release), 200)} of {wish.service}, {where}. Where shall it go?"


def release_of(deployment: Deployment) -> str:
    """The exact commit, by its tag where it has one: a branch moves on. UserError where it is not known."""
    resolution = deployment.resolution
    if resolution is None:
        raise UserError(
            f"The release of #{deployment.number} is not known yet.",
            "The code host has not said so far which commit it is.",
            "Wait until its card names one, or type `/deploy`.",
        )
    sha = resolution.release.sha
    return f"{resolution.ref_name}@{sha}" if resolution.ref_kind is RefKind.TAG else sha


AS_IF_TYPED = frozenset({ActionId.SAY_IN_FULL, ActionId.SNOOZE})  # they carry a command in words
FilledForm = VoteForm | HandOverForm | ReleaseForm


@dataclass(frozen=True, slots=True)
class Meaning:
    """An intent, or a command with its words, and the right that it takes."""

    permission: Permission
    service: str
    environment: str
    requester: str | None
    intents: tuple[Intent, ...] = ()
    command: str = ""
    words: str = ""
    form: FilledForm | None = None  # of that command


async def meaning_of(queries: Queries, workspace: str, pressed: Pressed, catalog: Catalog) -> Meaning | None:
    """None for a button that only opens a page."""
    try:
        action = ActionId(pressed.action)
    except ValueError:
        raise UserError("This button is not one of ours.", "", "`/state` shows where things are.") from None
    if action is ActionId.OPEN_RUN:
        return None
    value = ButtonValue.read(pressed.value)
    deployment = await queries.deployment(workspace, value.number)
    if deployment is None or not _fits(action, value.digest, deployment):
        raise UserError(
            f"This button was made for another #{value.number}.",
            "What it would act on is not what stands there now.",
            "`/state` shows where things are.",
        )
    return _meaning(action, deployment, catalog, value)


def _fits(action: ActionId, digest: str, deployment: Deployment) -> bool:
    """A cancel also fits when the request was frozen after its button was drawn."""
    early = action is ActionId.CANCEL and not digest
    return early or digest == (deployment.digest or "")


def _meaning(
    action: ActionId, deployment: Deployment, catalog: Catalog, value: ButtonValue
) -> Meaning | None:
    number = deployment.number
    match action:
        case ActionId.CANCEL:
            return _with(deployment, Permission.CANCEL, CancelDeployment(number))
        case ActionId.IT_RAN:
            return _with(deployment, Permission.SETTLE, Settle(number, Settlement.IT_RAN))
        case ActionId.IT_DID_NOT_RUN:
            return _with(deployment, Permission.SETTLE, Settle(number, Settlement.IT_DID_NOT_RUN))
        case ActionId.LOOK_AGAIN:
            return _with(deployment, Permission.SETTLE, Settle(number, Settlement.LOOK_AGAIN))
        case ActionId.IT_WORKS:
            return _with(deployment, Permission.SETTLE, Settle(number, Settlement.IT_WORKS))
        case ActionId.IT_DOES_NOT_WORK:
            return _with(deployment, Permission.SETTLE, Settle(number, Settlement.IT_DOES_NOT_WORK))
        case ActionId.MEASURE_AGAIN:
            return _with(deployment, Permission.SETTLE, Settle(number, Settlement.MEASURE_AGAIN))
        case ActionId.APPROVE:
            return _approve(deployment, catalog)
        case ActionId.REJECT:
            return _form(deployment, VoteKind.REJECT)
        case ActionId.TAKE_BACK:
            return _with(deployment, Permission.DECIDE, TakeBackVote(number))
        case ActionId.TICK | ActionId.UNTICK:
            done = action is ActionId.TICK
            intent = TickItem(number, deployment.digest or "", value.item, done)
            return _with(deployment, Permission.TICK, intent)
        case ActionId.HAND_OVER:
            form = HandOverForm(deployment, value.newer)
            return replace(_with(deployment, Permission.HAND_OVER), command="handover", form=form)
        case ActionId.ASK_AGAIN:
            return _again(deployment)
        case ActionId.ROLL_BACK:
            return _back(deployment)
        case ActionId.RESTORE:
            return _restore(deployment)
        case ActionId.DETAILS:
            return _details(deployment)
        case (
            ActionId.OPEN_RUN
            | ActionId.OPEN_FORM
            | ActionId.SAY_IN_FULL
            | ActionId.SNOOZE
            | ActionId.TELL_ME
            | ActionId.OLDER
            | ActionId.MENTION_ME
            | ActionId.TELL_MY_ENDS
            | ActionId.QUIET
            | ActionId.QUIET_FROM
            | ActionId.QUIET_UNTIL
        ):
            return None


def _details(deployment: Deployment) -> Meaning:
    """As if they had asked how it stands."""
    wish, words = deployment.wish, f"#{deployment.number}"
    return Meaning(Permission.LOOK, wish.service, wish.environment, None, command="state", words=words)


def _approve(deployment: Deployment, catalog: Catalog) -> Meaning:
    """At once, or by a form in which the environment's name is typed."""
    form = _form(deployment, VoteKind.APPROVE)
    return (
        form if wants_name(deployment, catalog) else replace(form, words=f"#{deployment.number}", form=None)
    )


def _form(deployment: Deployment, kind: VoteKind) -> Meaning:
    wish, vote = deployment.wish, VoteForm(deployment, kind)
    return Meaning(Permission.DECIDE, wish.service, wish.environment, None, command=kind.value, form=vote)


def _with(deployment: Deployment, permission: Permission, *intents: Intent) -> Meaning:
    wish = deployment.wish
    return Meaning(permission, wish.service, wish.environment, deployment.requested_by.id, intents)


def _still_due(deployment: Deployment) -> bool:
    """Whether it ended before the time that it was scheduled for; else asking again means now."""
    due, ended = deployment.wish.due, deployment.ended_at
    return due is not None and ended is not None and ended < due.at


def _again(deployment: Deployment) -> Meaning:
    """The same wish in the words of the person who presses, so their own rights count.

    A click never breaks the glass: whoever needs that again says so, and why.
    """
    wish = deployment.wish if _still_due(deployment) else replace(deployment.wish, due=None)
    wish = replace(wish, emergency=False)
    if wish.kind is Kind.ROLLBACK:
        return _back(deployment)
    if wish.kind is Kind.RESTORE:
        raise UserError(
            "A restore is asked for beside the rollback that it goes with.",
            "Nothing was done.",
            "Its card has the button, for as long as that rollback is what happened last there.",
        )
    may, command = (Permission.RUN, "run") if wish.kind is Kind.RUN else (Permission.DEPLOY, "deploy")
    return Meaning(may, wish.service, wish.environment, None, command=command, words=words_of(wish))


def _restore(deployment: Deployment) -> Meaning:
    """As if they had typed it: a form opens."""
    wish, words = deployment.wish, f"#{deployment.number}"
    return Meaning(Permission.RESTORE, wish.service, wish.environment, None, command="restore", words=words)


def _back(deployment: Deployment) -> Meaning:
    """As if they had typed it: nothing happens before they have read what would come back."""
    wish = deployment.wish
    words = f'"{wish.service}" "{wish.environment}"'
    return Meaning(
        Permission.ROLL_BACK, wish.service, wish.environment, None, command="rollback", words=words
    )
