"""Commands, vocabularies and deliveries that the tests of the chat's side share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.core.actions import ActionId
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.policy import Permission
from bot.core.text import line
from bot.slack.asks import DEPLOY_THIS
from bot.slack.deliveries import Incoming, of_command, of_interaction
from bot.slack.grammar import Vocabulary
from bot.slack.mine import MINE
from tests.fakes.samples import TEAM

# What these buttons carry is no deployment.
NO_DEPLOYMENT = frozenset(
    {
        ActionId.OPEN_FORM,
        ActionId.OPEN_RUN,
        ActionId.OLDER,
        ActionId.SAY_IN_FULL,
        ActionId.SNOOZE,
        ActionId.TELL_ME,
        *MINE,
    }
)
VOCABULARY = Vocabulary(
    {
        "api": ("staging", "production"),
        "web": ("staging", "preview"),
        "web-shop": ("production",),
    },
    ("deploy", "state", "status", "help"),
)


@dataclass(frozen=True, slots=True)
class Everything:
    """Each kind of argument once."""

    service: str = arg(ArgKind.SERVICE, "which service")
    environment: str = arg(ArgKind.ENVIRONMENT, "where", filler=("to", "in"))
    ref: str | None = arg(ArgKind.REF, "which reference", default=None)
    inputs: tuple[tuple[str, str], ...] = arg(ArgKind.PAIRS, "inputs", default=())
    at: str = arg(ArgKind.AFTER, "when", word="at", default="")
    dry_run: bool = arg(ArgKind.FLAG, "only show it", word="dry-run", default=False)
    emergency: bool = arg(ArgKind.FLAG, "skip what can be skipped", word="emergency", default=False)
    reason: str = arg(ArgKind.REST, "why", word="because", default="")


async def silent(ctx: Context, args: Any) -> Reply:  # noqa: ARG001
    """Say nothing much."""
    return Reply(line("Done."))


def command(
    arguments: type = Everything,
    name: str = "launch",
    run: Callable[[Context, Any], Awaitable[Reply]] = silent,
    **more: Any,
) -> Command[Any]:
    """A command with these arguments."""
    return Command(name, arguments, Permission.LOOK, "Launch it", (f"/{name} api staging",), run, **more)


LAUNCH = command()


def spoken(words: str, command: str = "/launch", person: str = "U0LINUS001", **more: str) -> Incoming:
    """A slash command as Slack sends it."""
    fields = {
        "command": command,
        "text": words,
        "team_id": TEAM,
        "user_id": person,
        "channel_id": "C0DEPLOYS1",
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1/respond",
    }
    return of_command(fields | more)


def pressed(action: str, value: str = "", person: str = "U0LINUS001") -> Incoming:
    """A click on a button below a message."""
    return of_interaction(
        {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": person},
            "channel": {"id": "C0APIDEPLO"},
            "container": {"message_ts": "1700.1", "channel_id": "C0APIDEPLO"},
            "trigger_id": "1.2.4",
            "response_url": "",
            "actions": [{"type": "button", "action_id": action, "value": value}],
        }
    )


def chosen(ts: str, person: str = "U0LINUS001", shortcut: str = DEPLOY_THIS, **message: str) -> Incoming:
    """A shortcut from the menu of a message."""
    return of_interaction(
        {
            "type": "message_action",
            "team": {"id": TEAM},
            "user": {"id": person},
            "channel": {"id": "C0APIDEPLO"},
            "callback_id": shortcut,
            "trigger_id": "1.2.6",
            "response_url": "",
            "message_ts": ts,
            "message": {"ts": ts} | message,
        }
    )


def submitted(name: str, values: dict[str, str], person: str = "U0LINUS001") -> Incoming:
    """A filled form of text fields."""
    state = {block: {block: {"type": "plain_text_input", "value": text}} for block, text in values.items()}
    view = {"callback_id": name, "private_metadata": "C0DEPLOYS1", "state": {"values": state}}
    return of_interaction(
        {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": person},
            "trigger_id": "1.2.5",
            "view": view,
        }
    )
