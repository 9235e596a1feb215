"""The answer to a submitted form: what is wrong, at the field where it is wrong; or nothing, and it closes.

Its receipt is committed by then. What it asks for runs from the inbox like everything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.slack import forms
from bot.slack.asks import submitted
from bot.slack.deliveries import Incoming, Kind
from bot.slack.understanding import Conversation, Surroundings

PATIENCE = 1.5  # seconds; Slack waits three for the answer


async def answer_form(around: Surroundings, incoming: Incoming) -> Mapping[str, Any] | None:
    """Slack's `errors` by field, or None to close the form."""
    if incoming.kind is not Kind.VIEW_SUBMISSION:
        return None
    form = submitted(incoming.payload)
    talk = Conversation(around, incoming.workspace, form.who)
    try:
        command = around.command(form.command)
    except UserError:
        around.unchecked.add(incoming.key)
        return None
    empty = forms.missing(command, form.values)
    if empty:
        return _errors(empty)
    try:
        async with asyncio.timeout(PATIENCE):
            person = await talk.meet()
        talk.understand(person, command, forms.words_of(command, form.values))
    except UserError as error:
        return _errors(forms.error_field(command, form.values, error))
    except (Transient, NeedsHuman, TimeoutError):
        around.unchecked.add(incoming.key)  # the worker says in the channel what is wrong with it
        return None
    return None


def _errors(errors: Mapping[str, str]) -> Mapping[str, Any]:
    return {"response_action": "errors", "errors": dict(errors)}
