"""What waits at the code host for this card's word."""

from __future__ import annotations

from bot.core.gate_runs import AnswerState
from bot.core.gatekeeping import MAYBE
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.text import NOTHING, Link, Span, Text, code, line
from bot.core.visible import clip, visible

WITH_INPUTS = frozenset({"workflow_dispatch", "repository_dispatch"})
UNREAD = "Somebody started it by hand: what they typed can't be read, and may say more than the commit does."

LEFT_TO_THEM = "The gate took no word from Slipway twice: whoever may decide at the code host can let it in."
UNSURE = f"The gate waits no longer, and nobody can say whether by Slipway's word: it {MAYBE}."


def gate_line(deployment: Deployment) -> Text:
    """Which file, what started it, who, and which attempt: an approval covers no other."""
    gate = deployment.gate_run
    if gate is None:
        return NOTHING
    name = f"Run {gate.ref.external_id}"
    url = deployment.run.url if deployment.run else ""
    spans: list[Span | str] = [
        Link(url, name) if url else name,
        " of ",
        code(clip(visible(gate.workflow), 200)),
    ]
    started = f" · {visible(gate.event)} by {visible(gate.actor)} · attempt {gate.attempt}"
    said = line(*spans, clip(started, 200), " · gate ", code(clip(visible(gate.gate), 100)))
    said += line(UNREAD) if gate.event in WITH_INPUTS else NOTHING
    return said + _answer_line(deployment)


def _answer_line(deployment: Deployment) -> Text:
    """Where our word may not be what decided."""
    match deployment.gate_answer.state if deployment.gate_answer else None:
        case AnswerState.UNSURE:
            return line(UNSURE)
        case AnswerState.NOT_TAKEN if deployment.state is State.RUNNING:
            return line(LEFT_TO_THEM)
        case AnswerState.NOT_TAKEN | AnswerState.SENT | AnswerState.GIVEN | None:
            return NOTHING
