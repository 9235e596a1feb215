"""What a run said of itself, in one line for a card and for an answer alike."""

from __future__ import annotations

from bot.core.range_words import paths_in_words
from bot.core.records import Deployment
from bot.core.run_reports import RunReport
from bot.core.text import NOTHING, Icon, Link, Moment, Span, Text, bold, code, line
from bot.core.visible import clip, visible

LONGEST = 80  # characters of a name


def reported_text(deployment: Deployment) -> Text:
    """Nothing where the run left nothing; of what can't be used, why."""
    kept = deployment.reported
    if kept is None:
        return NOTHING
    if kept.report is None:
        return line(Icon("warning"), f" {kept.said}") if kept.said else NOTHING
    parts = _parts(kept.report, deployment)
    spans: list[Span | str] = []
    for part in parts:
        spans += [" · " if spans else "", *part]
    return line(bold("Its run says: "), *spans) if spans else NOTHING


def _parts(report: RunReport, deployment: Deployment) -> list[list[Span | str]]:
    parts: list[list[Span | str]] = []
    if report.version is not None and report.version != deployment.release_sha:
        parts.append(["version ", code(clip(visible(report.version), LONGEST))])
    if report.backup is not None:
        parts.append(["backup ", code(report.backup.id), " made ", Moment(report.backup.at)])
    if report.migrations:
        ran = "migration" if len(report.migrations) == 1 else "migrations"
        parts.append([f"{ran} {paths_in_words(report.migrations)}"])
    if report.images:
        first = report.images[0]
        more = f" and {len(report.images) - 1} more" if len(report.images) > 1 else ""
        image = clip(visible(f"{first.name}@{first.digest[:19]}"), LONGEST + 20)
        parts.append(["image ", code(image), more])
    if report.url is not None:
        parts.append([Link(report.url, "Open it")])
    return parts
