"""The alerts of a deployment, as the card and its thread show them; they stay when all is over."""

from __future__ import annotations

from bot.core.alerts import Pinned
from bot.core.records import Deployment
from bot.core.text import NOTHING, Icon, Moment, Text, bold, line
from bot.core.visible import clip
from bot.slack.views import blocks
from bot.slack.views.blocks import Block

AT_MOST = 5
LONGEST = 200


def alerts(deployment: Deployment) -> list[Block]:
    """By name, since when, with their numbers; those that fire come first."""
    text = alert_lines(deployment)
    return [blocks.rich(text, "alerts")] if text.lines else []


def alert_lines(deployment: Deployment) -> Text:
    """A few of them; how many more there are is said."""
    found = sorted(deployment.alerts, key=lambda each: not each.fires)
    text = sum((_lines(each) for each in found[:AT_MOST]), NOTHING)
    more = len(found) - AT_MOST
    return text + (line(f"… and {more} more.") if more > 0 else NOTHING)


def _lines(alert: Pinned) -> Text:
    if alert.resolved_at is not None:
        over = line(
            Icon("white_check_mark"), " ", bold(alert.name), " is over since ", Moment(alert.resolved_at)
        )
        return over + _numbers(alert)
    text = line(Icon("rotating_light"), " ", bold(alert.name), " fires, since ", Moment(alert.since))
    return text + _numbers(alert) + (line("It counts against this deployment.") if alert.fails else NOTHING)


def _numbers(alert: Pinned) -> Text:
    """What the rule says of it, and its value where that does not name it."""
    said = clip(alert.summary, LONGEST)
    if alert.value and alert.value not in said:
        said = f"{said} (value {alert.value})" if said else f"Its value is {alert.value}."
    return line(said) if said else NOTHING
