"""The part of the home tab in which people choose for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TypeVar

from bot.core.actions import ActionId
from bot.core.my_settings import Mentions, MySettings, OwnEnds, QuietSwitch
from bot.slack.views import blocks
from bot.slack.views.blocks import Block

MENTIONS: Mapping[Mentions, str] = {
    Mentions.ALWAYS: "Always",
    Mentions.NEEDED: "Only when I must act",
    Mentions.NEVER: "Never",
}
ENDS: Mapping[OwnEnds, str] = {
    OwnEnds.NEVER: "Never",
    OwnEnds.FAILURES: "When they fail",
    OwnEnds.ALWAYS: "Always",
}
Choice = TypeVar("Choice", Mentions, OwnEnds, QuietSwitch)
SWITCH: Mapping[QuietSwitch, str] = {QuietSwitch.OFF: "Off", QuietSwitch.ON: "On"}
CAREFUL = "What nobody else is asked, and what can't wait until morning, reaches you all the same."


def my_settings(settings: MySettings, zone: str) -> list[Block]:
    """Each is in force from the next message on; the times are of their own clock."""
    quiet = settings.quiet
    switched = QuietSwitch.ON if quiet else QuietSwitch.OFF
    shown = [
        blocks.header("My settings"),
        _menu(ActionId.MENTION_ME, "Mention me", MENTIONS, settings.mentions),
        _menu(ActionId.TELL_MY_ENDS, "Direct message me when my own deployments end", ENDS, settings.ends),
        _menu(ActionId.QUIET, "Quiet hours", SWITCH, switched),
    ]
    if quiet is not None:
        times = [_time(ActionId.QUIET_FROM, quiet.starts), _time(ActionId.QUIET_UNTIL, quiet.ends)]
        shown += blocks.actions("quiet_hours", times)
    between = f"Quiet from {quiet.starts:%H:%M} to {quiet.ends:%H:%M} ({zone}). " if quiet else ""
    return [*shown, blocks.quiet(between + CAREFUL)]


def _menu(action: ActionId, label: str, choices: Mapping[Choice, str], chosen: Choice) -> Block:
    options = {each: _option(each.value, text) for each, text in choices.items()}
    menu: Block = {
        "type": "static_select",
        "action_id": action.value,
        "options": list(options.values()),
        "initial_option": options[chosen],
    }
    return {"type": "section", "block_id": action.value, "text": blocks.plain(label), "accessory": menu}


def _option(value: str, text: str) -> Block:
    return {"text": blocks.plain(text), "value": value}


def _time(action: ActionId, at: time) -> Block:
    return {"type": "timepicker", "action_id": action.value, "initial_time": f"{at:%H:%M}"}
