"""The gates of a request and who voted on it, as the card shows them."""

from __future__ import annotations

from dataclasses import replace

from bot.core.actions import ActionId
from bot.core.gates.approvals import awaits_votes
from bot.core.lifecycle import BEFORE_DISPATCH, ENDS
from bot.core.records import Deployment
from bot.core.release_words import judged_in_short
from bot.core.text import Icon, Mention, Moment, Span, Text, line
from bot.core.verdicts import Verdict, passes, read_of_late
from bot.core.visible import clip
from bot.core.votes import VoteKind
from bot.slack.views import blocks
from bot.slack.views.blocks import Block
from bot.slack.views.choices import deciding


def gates(deployment: Deployment) -> list[Block]:
    """What stands in the way, then in short what does not; nothing once it runs."""
    if deployment.state not in BEFORE_DISPATCH or not deployment.verdicts:
        return []
    text = judged_in_short(tuple(_once(each, deployment.note) for each in deployment.verdicts))
    if awaits_votes(deployment) and deployment.request and deployment.request.expires_at:
        text += line("Expires ", Moment(deployment.request.expires_at))
    return [blocks.rich(text, "gates")]


def _once(verdict: Verdict, note: str) -> Verdict:
    """Without what the note right above says already."""
    said = f"{verdict.what} {verdict.why}".strip()
    if passes(verdict) or not note.startswith(said):
        return verdict
    return replace(verdict, what=verdict.left or "See above.", why="", left="")


def of_late(deployment: Deployment) -> list[Block]:
    """That the code host did not say what who asked may do; it stays when all is over."""
    counted = [each for each in deployment.verdicts if read_of_late(each)]
    text = Text(())
    for each in counted:
        text += line(Icon("warning"), " ", f"{each.what} {each.why}")
    return [blocks.rich(text, "of_late")] if counted else []


def votes(deployment: Deployment) -> list[Block]:
    """By name; it stays when all is over."""
    if not deployment.votes:
        return []
    text = Text(())
    for vote in deployment.votes:
        word = "Approved" if vote.kind is VoteKind.APPROVE else "Rejected"
        spans: list[Span | str] = [f"{word} by ", Mention(vote.person, vote.name), " ", Moment(vote.at)]
        text += line(*spans, f" because {clip(vote.reason, 300)}" if vote.reason else "")
    return [blocks.rich(text, "votes")]


def vote_buttons(deployment: Deployment, value: str) -> list[Block]:
    """Approve and Reject while it waits for people; taking back while a vote is given and nothing runs."""
    if deployment.state in ENDS or not awaits_votes(deployment):
        return []
    buttons = deciding(value)
    if deployment.votes:
        buttons.append(blocks.button(ActionId.TAKE_BACK, "Take my vote back", value))
    return buttons
