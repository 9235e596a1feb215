"""What each button means: who may press it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.actions import ActionId, ButtonValue
from bot.core.catalog import Catalog
from bot.core.deciding import wants_name
from bot.core.errors import UserError
from bot.core.intents import CancelDeployment, Intent, Settle, Settlement, TakeBackVote
from bot.core.policy import Permission
from bot.core.ports import Queries
from bot.core.records import Deployment
from bot.core.wishing import words_of
from bot.slack.asks import Pressed


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
    asks: tuple[tuple[str, str], ...] = ()  # a form of that command, with these fields filled in


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
    return _meaning(action, deployment, catalog)


def _fits(action: ActionId, digest: str, deployment: Deployment) -> bool:
    """A cancel also fits when the request was frozen after its button was drawn."""
    early = action is ActionId.CANCEL and not digest
    return early or digest == (deployment.digest or "")


def _meaning(action: ActionId, deployment: Deployment, catalog: Catalog) -> Meaning | None:
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
        case ActionId.APPROVE:
            return _approve(deployment, catalog)
        case ActionId.REJECT:
            return _form(deployment, "reject")
        case ActionId.TAKE_BACK:
            return _with(deployment, Permission.DECIDE, TakeBackVote(number))
        case ActionId.ASK_AGAIN:
            return _again(deployment)
        case (
            ActionId.OPEN_RUN | ActionId.OPEN_FORM | ActionId.SAY_IN_FULL | ActionId.TELL_ME | ActionId.OLDER
        ):
            return None


def _approve(deployment: Deployment, catalog: Catalog) -> Meaning:
    """At once, or by a form in which the environment's name is typed."""
    if wants_name(deployment, catalog):
        return _form(deployment, "approve")
    return replace(_form(deployment, ""), words=f"#{deployment.number}", command="approve", asks=())


def _form(deployment: Deployment, command: str) -> Meaning:
    wish, asks = deployment.wish, (("number", f"#{deployment.number}"),)
    return Meaning(Permission.DECIDE, wish.service, wish.environment, None, command=command, asks=asks)


def _with(deployment: Deployment, permission: Permission, intent: Intent) -> Meaning:
    wish = deployment.wish
    return Meaning(permission, wish.service, wish.environment, deployment.requested_by.id, (intent,))


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
    return Meaning(
        Permission.DEPLOY, wish.service, wish.environment, None, command="deploy", words=words_of(wish)
    )
