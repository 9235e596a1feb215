"""What channels read of a freeze: when it begins, when its end is another one, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.freeze_events import FreezeTurned
from bot.core.frozen import FreezeTurn
from bot.core.text import Icon, Moment, Span, Text, bold, code, line
from bot.core.visible import clip, visible

REASON, WHO = 300, 200  # characters
NAMED = 20  # services of one environment, before the rest is only counted


def freeze_text(told: Sequence[FreezeTurned]) -> Text:
    """Of one freeze at several places: they differ in nothing else."""
    one, where = told[0], _places(told)
    match one.turn:
        case FreezeTurn.BEGINS:
            text = _title("snowflake", f"Frozen: {where}.") + line(*_span(one))
            return text + _why(one) + _meanwhile(one)
        case FreezeTurn.CHANGES:
            text = _title("snowflake", f"The freeze ends at another time: {where}.")
            text += line(*_until(one), " It was to end ", Moment(_moment(one.was)), ".")
            return text + _why(one) + _meanwhile(one)
        case FreezeTurn.ENDS:
            text = _title("white_check_mark", f"No longer frozen: {where}.") + line(*_span(one))
            if one.was:
                text += line("It ended early: it was to last until ", Moment(_moment(one.was)), ".")
            return text + line("What waited for that goes on now.")


def _title(icon: str, words: str) -> Text:
    return line(Icon(icon), " ", bold(words))


def _places(told: Sequence[FreezeTurned]) -> str:
    """By environment, in the order of the catalog."""
    services: dict[str, list[str]] = {}
    for each in told:
        services.setdefault(each.environment, []).append(each.service)
    return "; ".join(f"{environment} of {_listed(names)}" for environment, names in services.items())


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    if more > 0:
        return f"{', '.join(names[:NAMED])} and {more} more"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _span(one: FreezeTurned) -> list[Span | str]:
    least = "" if one.certain else "at least "
    return ["From ", Moment(_moment(one.since)), f" until {least}", Moment(_moment(one.until)), "."]


def _until(one: FreezeTurned) -> list[Span | str]:
    return [f"It lasts until {'' if one.certain else 'at least '}", Moment(_moment(one.until)), "."]


def _why(one: FreezeTurned) -> Text:
    return line(f"Why: {clip(visible(one.reason), REASON)}. It stands in slipway.yml.")


def _meanwhile(one: FreezeTurned) -> Text:
    wait = "Deployments wait, and start by themselves when it is over."
    if not one.override:
        return line(f"{wait} Nobody may let one pass.")
    who = clip(visible(one.override), WHO)
    return line(f"{wait} Somebody of {who} may let one pass: ", code("/override #42 because ..."))


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told)
