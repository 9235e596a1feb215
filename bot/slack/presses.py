"""What each button means: who may press it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.actions import ActionId, ButtonValue
from bot.core.errors import UserError
from bot.core.intents import CancelDeployment, Intent, Settle, Settlement
from bot.core.policy import Permission
from bot.core.ports import Queries
from bot.core.records import Deployment
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


async def meaning_of(queries: Queries, workspace: str, pressed: Pressed) -> Meaning | None:
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
    return _meaning(action, deployment)


def _fits(action: ActionId, digest: str, deployment: Deployment) -> bool:
    """A cancel also fits when the request was frozen after its button was drawn."""
    early = action is ActionId.CANCEL and not digest
    return early or digest == (deployment.digest or "")


def _meaning(action: ActionId, deployment: Deployment) -> Meaning | None:
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
        case ActionId.ASK_AGAIN:
            return _again(deployment)
        case ActionId.OPEN_RUN | ActionId.OPEN_FORM | ActionId.OLDER:
            return None


def _with(deployment: Deployment, permission: Permission, intent: Intent) -> Meaning:
    wish = deployment.wish
    return Meaning(permission, wish.service, wish.environment, deployment.requested_by.id, (intent,))


def _again(deployment: Deployment) -> Meaning:
    """The same wish in the words of the person who presses, so their own rights count."""
    wish = deployment.wish
    words = [f'"{wish.service}"', f'"{wish.environment}"']
    words += [f'ref="{wish.ref}"'] if wish.ref else []
    words += [f'{name}="{value}"' for name, value in wish.inputs]
    words += [f"because {wish.reason}"] if wish.reason else []
    return Meaning(
        Permission.DEPLOY, wish.service, wish.environment, None, command="deploy", words=" ".join(words)
    )
