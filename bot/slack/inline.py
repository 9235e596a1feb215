"""The answer to a submitted form: what is wrong, at the field where it is wrong; or nothing, and it closes.

Only looked at here, then committed, then answered. What it asks for runs from the inbox like everything else.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

from bot.core.command import args_of
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.slack import forms
from bot.slack.asks import submitted
from bot.slack.deliveries import Incoming, Kind
from bot.slack.renaming import Renaming
from bot.slack.understanding import Conversation, Surroundings

log = logging.getLogger(__name__)

QUOTED = re.compile(r"`([^`]*)`")
PATIENCE = 1.5  # seconds; Slack waits three for the answer


async def answer_form(around: Surroundings, incoming: Incoming) -> Mapping[str, Any] | None:
    """Slack's `errors` by field, or None to close the form: then the worker does it, or says why not."""
    if incoming.kind is not Kind.VIEW_SUBMISSION:
        return None
    form = submitted(incoming.payload)
    talk = Conversation(around, incoming.workspace, form.who)
    command = around.find(form.command)
    if command is None or not args_of(command.arguments):
        return None  # there is no field at which anything could be wrong
    empty = forms.missing(command, form.all)
    if empty:
        return _errors(around, empty)
    try:
        talk.screen(form)
        async with asyncio.timeout(PATIENCE):
            person = await talk.meet()
        talk.understand(person, command, forms.words_of(command, form.all))
    except UserError as error:
        return _errors(around, forms.error_field(command, form.values, error, form.fixed))
    except (Transient, NeedsHuman, TimeoutError):
        log.info("a form closes unchecked; the worker looks through it")
    return None


def _errors(around: Surroundings, errors: Mapping[str, str]) -> Mapping[str, Any]:
    """Slack shows an error as it is written, so what is quoted stands in quotation marks."""
    renaming = Renaming(around.prefix, around.commands)
    told = {name: QUOTED.sub(r"“\1”", renaming.text(why)) for name, why in errors.items()}
    return {"response_action": "errors", "errors": told}
