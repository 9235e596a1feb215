"""The app's manifest, made from the registry of commands; never written by hand."""

from __future__ import annotations

from io import StringIO
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from bot.core.command import Command, usage
from bot.core.errors import Bug
from bot.slack.asks import DEPLOY_THIS

RESERVED = frozenset(
    f"/{name}"
    for name in [
        "active",
        "apps",
        "archive",
        "away",
        "call",
        "collapse",
        "dm",
        "dnd",
        "expand",
        "feed",
        "feedback",
        "help",
        "huddle",
        "invite",
        "invite_people",
        "join",
        "keys",
        "kick",
        "leave",
        "me",
        "msg",
        "mute",
        "open",
        "part",
        "people",
        "prefs",
        "remind",
        "remove",
        "rename",
        "search",
        "shortcuts",
        "shrug",
        "star",
        "status",
        "topic",
        "unarchive",
        "who",
        "workflow",
    ]
)
SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:write",
    "links:read",
    "links:write",
    "usergroups:read",
    "users:read",
)
OPTIONAL_SCOPES = (  # to post where nobody invited us, and to look up a post before repeating it
    "channels:history",
    "channels:read",
    "chat:write.public",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "group_archive",
    "link_shared",
    "message.im",
    "tokens_revoked",
    "user_change",
)
URL = "https://slipway.example.com"
GITHUB = "https://github.com"
DESCRIPTION = "Launches releases and hauls them back: deployments, approvals and rollbacks from Slack"
LONG_DESCRIPTION = (
    "Slipway turns slash commands into pipeline dispatches, approval-gated production deploys, rollbacks "
    "and status queries. What was approved is what runs, nothing happens twice, and nothing happens unseen: "
    "every step is in an audit trail. It speaks with GitHub Actions, GitLab CI, Jenkins and Kubernetes."
)


def manifest(
    commands: tuple[Command[Any], ...], prefix: str = "", url: str = URL, github: str = GITHUB
) -> dict[str, Any]:
    """The manifest as Slack reads it; `prefix` renames every command where a name is taken.

    Slack tells of links to the host of `github`: what stands behind them is shown below.
    """
    slashes = [_slash(command, prefix, url) for command in commands if not command.below]
    slashes.append(_umbrella(prefix, url))
    for slash in slashes:
        if slash["command"] in RESERVED:
            raise Bug(f"{slash['command']} is reserved by Slack")
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Slipway",
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": "#1d3a4c",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,  # people can write to us there
            },
            "bot_user": {"display_name": "Slipway", "always_online": True},
            "shortcuts": [
                {
                    "name": "Deploy this",
                    "type": "message",
                    "callback_id": DEPLOY_THIS,
                    "description": "Ask for the release of this card in another environment",
                }
            ],
            "slash_commands": sorted(slashes, key=lambda slash: str(slash["command"])),
            "unfurl_domains": [urlsplit(github).hostname or urlsplit(GITHUB).hostname],
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES, *OPTIONAL_SCOPES]}},
        "settings": {
            "event_subscriptions": {"request_url": f"{url}/slack/events", "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": f"{url}/slack/events"},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def render(made: dict[str, Any]) -> str:
    """The manifest as a file."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    text = StringIO()
    yaml.dump(made, text)
    return "# Made by `slipway manifest --write`; change the commands, not this file.\n" + text.getvalue()


def table(commands: tuple[Command[Any], ...]) -> str:
    """The table of commands, in Markdown."""
    rows = ["| command | what it does |", "|---|---|"]
    for command in sorted(commands, key=lambda each: each.name):
        name = f"/slipway {command.name}" if command.below else f"/{command.name}"
        typed = f"{name} {usage(command)}".strip().replace("|", "\\|")
        rows.append(f"| `{typed}` | {command.summary} |")
    rows.append("| `/slipway <any command> ...` | The same, for workspaces where a name is taken |")
    return "\n".join(rows)


def _slash(command: Command[Any], prefix: str, url: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "command": f"/{prefix}{command.name}",
        "url": f"{url}/slack/events",
        "description": command.summary,
        "should_escape": True,
    }
    hint = usage(command)
    return made | {"usage_hint": hint} if hint else made


def _umbrella(prefix: str, url: str) -> dict[str, Any]:
    return {
        "command": f"/{prefix}slipway",
        "url": f"{url}/slack/events",
        "description": "Help, and every other command below it",
        "usage_hint": "help [<command>] | <command> ...",
        "should_escape": True,
    }
