"""A run as people read it: how it stands, its stages, and what it left."""

from __future__ import annotations

from datetime import datetime

from bot.core.durations import format_duration
from bot.core.following import RunRecord
from bot.core.runs import Run, RunStatus, Stage
from bot.core.seen import ago
from bot.core.text import NOTHING, Icon, Link, Moment, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip, visible

NAME, STAGES, ARTIFACTS = 80, 12, 10
LOOKS: dict[RunStatus, str] = {  # the same wherever a run is shown
    RunStatus.QUEUED: "hourglass_flowing_sand",
    RunStatus.RUNNING: "large_blue_circle",
    RunStatus.WAITING: "hourglass_flowing_sand",
    RunStatus.SUCCESS: "white_check_mark",
    RunStatus.UNSTABLE: "warning",
    RunStatus.FAILURE: "x",
    RunStatus.CANCELLED: "black_square_for_stop",
    RunStatus.SKIPPED: "fast_forward",
    RunStatus.NEEDS_PERSON: "hourglass_flowing_sand",
    RunStatus.UNKNOWN: "question",
}
WORDS: dict[RunStatus, str] = {
    RunStatus.QUEUED: "queued",
    RunStatus.RUNNING: "running",
    RunStatus.WAITING: "waits at a gate",
    RunStatus.SUCCESS: "succeeded",
    RunStatus.UNSTABLE: "ended unstable",
    RunStatus.FAILURE: "failed",
    RunStatus.CANCELLED: "was cancelled",
    RunStatus.SKIPPED: "was skipped",
    RunStatus.NEEDS_PERSON: "needs a person",
    RunStatus.UNKNOWN: "is in a state that nobody knows",
}


def run_name(run: Run) -> Span:
    """Its number at the provider, which leads there."""
    name = f"run {run.ref.external_id}"
    return Link(run.url, name) if run.url else bold(name)


def standing(record: RunRecord) -> list[Span | str]:
    """How it stands, and since when."""
    run = record.run
    spans: list[Span | str] = [Icon(LOOKS[run.status]), f" {WORDS[run.status]}"]
    if record.vanished_at is not None and run.ended_at is None:
        spans.append(" when it was seen last, and is not shown any more")
    if run.ended_at is not None:
        return [*spans, " ", Moment(run.ended_at)]
    if run.started_at is not None:
        spans += [", since ", Moment(run.started_at)]
    return spans


def run_line(record: RunRecord, now: datetime) -> Text:
    """One of several by the record: which workflow, which run, how it stands, how old that word is."""
    about, run = record.about, record.run
    name = clip(visible(about.workflow if about else run.title), NAME)
    read = "" if record.is_over else f" · read {ago(record.observed_at, now)}"
    again = f", attempt {run.attempt}" if run.attempt > 1 else ""
    on: list[Span | str] = [" · on ", code(short(run.head_sha))]
    return line(bold(name), "  ", *standing(record), read, " · ", run_name(run), again, *on)


def stage_lines(stages: tuple[Stage, ...]) -> Text:
    """One for each, as many as fit."""
    text = NOTHING
    for each in stages[:STAGES]:
        name = clip(visible(each.name), NAME)
        linked: Span | str = Link(each.url, name) if each.url else name
        text += line("   ", Icon(LOOKS[each.status]), " ", linked, f": {_stage(each)}")
    more = len(stages) - STAGES
    return text + line(f"   … and {more} more stages") if more > 0 else text


def _stage(stage: Stage) -> str:
    at = f" at “{clip(visible(stage.detail), NAME)}”" if stage.detail else ""
    at = at if stage.status is not RunStatus.SUCCESS else ""
    if stage.started_at and stage.ended_at and stage.ended_at >= stage.started_at:
        return f"{WORDS[stage.status]}{at}, {format_duration(stage.ended_at - stage.started_at)}"
    return f"{WORDS[stage.status]}{at}"


def artifact_line(record: RunRecord) -> Text:
    """What it left, by name and size."""
    left = record.about.artifacts if record.about else None
    if not left:
        return NOTHING
    named = ", ".join(f"{clip(visible(each.name), NAME)} ({_size(each.size)})" for each in left[:ARTIFACTS])
    more = len(left) - ARTIFACTS
    return line(bold("Left: "), named, f" and {more} more" if more > 0 else "")


def _size(size: int) -> str:
    amount, units = float(size), ["bytes", "kB", "MB", "GB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} {units[0]}"
