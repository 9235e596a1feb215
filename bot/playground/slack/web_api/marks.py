"""reactions.add and pins.add."""

from __future__ import annotations

import re

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.web_api.conversations import mark_free
from bot.playground.slack.web_api.method import Args, Json, Method

EMOJI_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def add_reaction(backend: Backend, args: Args) -> Json:
    """reactions.add."""
    message, name = mark_free(backend, args), args.need("name").strip(":")
    if not EMOJI_NAME.fullmatch(name):
        raise SlackError(ErrorCode.INVALID_NAME)
    bot = backend.world.identity.bot_user
    if bot in message.reactions.get(name, []):
        raise SlackError(ErrorCode.ALREADY_REACTED)
    backend.posting.react(message, bot, name)
    return {}


def add_pin(backend: Backend, args: Args) -> Json:
    """pins.add."""
    message = mark_free(backend, args)
    if message.pinned:
        raise SlackError(ErrorCode.ALREADY_PINNED)
    message.pinned = True
    backend.posting.changed(message)
    return {}


METHODS = (
    Method("reactions.add", add_reaction, Tier.THREE, ("reactions:write",)),
    Method("pins.add", add_pin, Tier.TWO, ("pins:write",)),
)
