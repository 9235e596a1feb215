"""What a card shows while somebody's lock holds its deployment."""

from __future__ import annotations

from bot.core.actions import ActionId
from bot.core.gates import lock
from bot.core.lifecycle import State
from bot.core.lock_words import place_value
from bot.core.locks import Scope
from bot.core.records import Deployment
from bot.core.verdicts import GateState
from bot.slack.views import blocks
from bot.slack.views.blocks import Block

TELL_ME = "Tell me when it is free"


def tell_me(deployment: Deployment) -> list[Block]:
    """For whoever wants to know; the deployment itself goes on without anybody."""
    held = any(each.gate == lock.NAME and each.state is GateState.WAITING for each in deployment.verdicts)
    if deployment.state is not State.WAITING or not held:
        return []
    place = Scope(deployment.wish.service, deployment.wish.environment)
    return [blocks.button(ActionId.TELL_ME, TELL_ME, place_value(place))]
