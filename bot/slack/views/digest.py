"""A digest as Slack shows it: a table and a chart where the workspace takes them, words where it does not."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from bot.core.actions import ActionId
from bot.core.digest_words import (
    Permalink,
    computed,
    days_line,
    headline,
    in_words,
    needs_text,
    rest_text,
    summary,
)
from bot.core.digests import Day, Digest, Row
from bot.core.text import Text, lines
from bot.core.visible import clip, visible
from bot.slack.views import blocks
from bot.slack.views.blocks import Block, Message

CELL, LABEL, MOST_POINTS, ALT = 100, 20, 20, 1000
SNOOZE = "Leave out the next one"


class Look(IntEnum):
    """What the workspace takes, the poorest first; new blocks reach workspaces in phases."""

    WORDS = 0
    TABLE = 1
    CHART = 2


def digest_message(digest: Digest, job: str, permalink: Permalink, look: Look, picture: str = "") -> Message:
    """The same figures in each look; `picture` is the id of one that stands in for the chart."""
    happened, waits = summary(digest)
    made = [blocks.header(headline(digest))]
    if look is Look.WORDS:
        made.append(blocks.rich(_without_head(in_words(digest, permalink))))
    else:
        made.append(blocks.rich(lines(happened, waits)))
        needs = needs_text(digest, permalink)
        made += [blocks.rich(needs)] if needs.lines else []
        made += [_table(digest.rows)] if digest.rows else []
        made += [_chart(digest.days)] if digest.days and look is Look.CHART else []
        rest = rest_text(digest)
        made += [blocks.rich(rest)] if rest.lines else []
    made += [_picture(picture, digest.days)] if picture else []
    made.append(blocks.quiet(computed(digest)))
    snooze = blocks.button(ActionId.SNOOZE, SNOOZE, f"digest snooze {job}")
    return blocks.message(
        f"{headline(digest)}. {happened} {waits}", [*made, *blocks.actions("digest", [snooze])]
    )


def told_days(days: tuple[Day, ...]) -> str:
    """What the picture shows, for who can't see it."""
    return clip(f"Deploys and failures by day. {days_line(days[-MOST_POINTS:])}", ALT)


def _picture(id: str, days: tuple[Day, ...]) -> Block:
    title = blocks.plain("Deploys (left) and failures (right) by day")
    return {"type": "image", "slack_file": {"id": id}, "alt_text": told_days(days), "title": title}


def _without_head(text: Text) -> Text:
    return Text(text.lines[1:])


def _table(rows: tuple[Row, ...]) -> Block:
    head = ("Service", "Environment", "Runs now", "Deploys", "Failures")
    told = [
        (each.service, each.environment, each.runs or "unknown", str(each.deploys), str(each.failures))
        for each in rows
    ]
    align: list[Any] = [{"align": "left"}] * 3 + [{"align": "right"}] * 2
    return {
        "type": "table",
        "rows": [[_cell(each) for each in row] for row in (head, *told)],
        "column_settings": align,
    }


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": clip(visible(text), CELL)}


def _chart(days: tuple[Day, ...]) -> Block:
    """Its numbers stand in the text as well."""
    shown = days[-MOST_POINTS:]
    names = [f"{each.day:%a} {each.day.day}"[:LABEL] for each in shown]
    series = [
        _series("Deploys", names, [each.deploys for each in shown]),
        _series("Failures", names, [each.failures for each in shown]),
    ]
    axis = {"categories": names, "x_label": "Day", "y_label": "How many"}
    chart = {"type": "bar", "series": series, "axis_config": axis}
    return {"type": "data_visualization", "title": "Deploys and failures by day", "chart": chart}


def _series(name: str, labels: list[str], values: list[int]) -> Block:
    points = [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]
    return {"name": name, "data": points}
