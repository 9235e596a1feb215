"""The short card below a link: which deployment or run it is, how it stands, since when, and by whom."""

from __future__ import annotations

from bot.core.following import RunRecord
from bot.core.naming import named_as, what_of
from bot.core.records import Deployment
from bot.core.run_words import WORDS
from bot.core.text import NOTHING, Link, Moment, Span, Text, bold, line
from bot.core.visible import clip
from bot.slack.views import blocks
from bot.slack.views.blocks import Block
from bot.slack.views.card import state_word

NAME, NOTE = 100, 200


def of_deployment(deployment: Deployment, card: str) -> list[Block]:
    """As its record says now; the card has the rest."""
    text = line(
        bold(f"#{deployment.number} {what_of(deployment.wish)}"),
        f": {state_word(deployment.state).lower()} · since ",
        Moment(deployment.ended_at or deployment.updated_at),
        " · asked for by ",
        named_as(deployment.requested_by),
    )
    if deployment.note:
        text += line(clip(deployment.note, NOTE))
    return [blocks.rich(text + (line(Link(card, "Its card")) if card else NOTHING))]


def of_run(record: RunRecord) -> list[Block]:
    """A run that belongs to no deployment."""
    run, about = record.run, record.about
    name = clip(about.workflow if about else run.title, NAME)
    number = f" · run {about.number}" if about else ""
    again = f", attempt {run.attempt}" if run.attempt > 1 else ""
    spans: list[Span | str] = [
        bold(f"{name}{number} of {run.ref.repository}"),
        f"{again}: {WORDS[run.status]}",
    ]
    since = run.ended_at or run.started_at or record.changed_at
    spans += [" · since ", Moment(since)] if since else []
    spans += [f" · started by {clip(about.actor, NAME)}"] if about and about.actor else []
    text: Text = line(*spans)
    if about and about.branch:
        text += line(f"On {clip(about.branch, NAME)}: {clip(about.commit, NAME)}")
    return [blocks.rich(text)]
