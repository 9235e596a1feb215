"""Why GitHub did not start a workflow: each reason with its own plain sentence, and none of them retried."""

from __future__ import annotations

import re
from enum import StrEnum

from github import GithubException

from bot.core.errors import NeedsHuman
from bot.core.runs import TriggerSpec
from integrations.github.errors import message_of, status_of

MOST_INPUTS, LONGEST_INPUTS = 25, 65_535


class Refusal(StrEnum):
    """What can be wrong with a dispatch."""

    NO_REF = "no ref"
    UNEXPECTED_INPUTS = "unexpected inputs"
    INPUT_MISSING = "input missing"
    INPUT_VALUE = "input value"
    TOO_MANY_INPUTS = "too many inputs"
    NO_TRIGGER = "no trigger"
    DISABLED = "disabled"
    NO_WORKFLOW = "no workflow"
    INVALID_WORKFLOW = "invalid workflow"


_SIGNS: tuple[tuple[str, Refusal], ...] = (
    (r"no ref found", Refusal.NO_REF),
    (r"unexpected inputs? provided", Refusal.UNEXPECTED_INPUTS),
    (r"required input .* not provided", Refusal.INPUT_MISSING),
    (r"provided value .* for input", Refusal.INPUT_VALUE),
    (
        r"more than \d+ (properties|inputs)|up to \d+ .?inputs|too many inputs|inputs are too large",
        Refusal.TOO_MANY_INPUTS,
    ),
    (r"does not have .?workflow_dispatch.? trigger", Refusal.NO_TRIGGER),
    (r"disabled workflow", Refusal.DISABLED),
    (r"workflow .*(not found|does not exist)|could not find workflow", Refusal.NO_WORKFLOW),
    (r"failed to parse workflow|invalid workflow", Refusal.INVALID_WORKFLOW),
)


def classify(error: GithubException) -> Refusal | None:
    """The reason, or None when this is no refusal that we know."""
    if status_of(error) == 404:
        return Refusal.NO_WORKFLOW
    if status_of(error) not in (400, 422):
        return None
    said = message_of(error).lower()
    return next((refusal for sign, refusal in _SIGNS if re.search(sign, said, re.S)), None)


def too_many_inputs(spec: TriggerSpec) -> bool:
    """What no GitHub takes; an Enterprise Server may take fewer, and says so itself."""
    size = sum(len(name) + len(value) for name, value in spec.inputs)
    return len(spec.inputs) > MOST_INPUTS or size > LONGEST_INPUTS


def explain(refusal: Refusal, spec: TriggerSpec, said: str) -> NeedsHuman:
    """What, why, what next."""
    why, next_step = _words(refusal, spec)
    quoted = f" GitHub says: {said}" if said else ""
    return NeedsHuman(f"GitHub did not start {spec.workflow} in {spec.repository}.", why + quoted, next_step)


def _words(refusal: Refusal, spec: TriggerSpec) -> tuple[str, str]:
    name, ref = spec.workflow, spec.ref
    match refusal:
        case Refusal.NO_REF:
            return f"The reference {ref} does not exist (any more).", "Ask again with one that does."
        case Refusal.UNEXPECTED_INPUTS:
            return (
                f"{name} at {ref} does not declare an input that we sent.",
                f"Declare it under `workflow_dispatch` in {name}, or take it out of `inputs` in slipway.yml.",
            )
        case Refusal.INPUT_MISSING:
            return (
                f"{name} at {ref} requires an input that we did not send.",
                "Add it to `inputs` or `accepts` in slipway.yml, or give it a default in the workflow.",
            )
        case Refusal.INPUT_VALUE:
            return (
                f"{name} at {ref} does not allow a value that we sent.",
                "Ask again with a value it allows.",
            )
        case Refusal.TOO_MANY_INPUTS:
            return (
                f"We sent {len(spec.inputs)} inputs; GitHub takes {MOST_INPUTS} (old Enterprise Servers 10),"
                f" with {LONGEST_INPUTS:,} characters in all.",
                "Put several into one input as JSON.",
            )
        case Refusal.NO_TRIGGER:
            return (
                f"{name} at {ref} has no `workflow_dispatch` trigger.",
                f"Add `workflow_dispatch:` under `on:` in {name} on that reference.",
            )
        case Refusal.DISABLED:
            return f"{name} is disabled.", "Enable it on the repository's Actions page, then ask again."
        case Refusal.NO_WORKFLOW:
            return (
                f"{name} is not on the default branch and at {ref}, or our token may not see it.",
                "Check `workflow` in slipway.yml, the file on both, and the token's actions: write.",
            )
        case Refusal.INVALID_WORKFLOW:
            return f"GitHub cannot read {name} at {ref}.", f"Mend the file {name} on that reference."
