"""What is ticked and what is not, and the buttons for it, as the card shows them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.actions import ActionId, ButtonValue
from bot.core.gates.checklist import CHECKLIST
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.rules import AutomaticItem, AutoTick, ChecklistItem
from bot.core.text import Icon, Mention, Moment, Span, bold, line
from bot.core.ticking import afterwards, given, texts
from bot.core.verdicts import passes
from bot.core.verifications import all_passed
from bot.core.visible import clip, visible
from bot.core.voting import OPEN_TO_VOTES
from bot.slack.views import blocks
from bot.slack.views.blocks import Block

TICKED, OPEN = "white_check_mark", "white_large_square"
ITEM = 60  # characters of an item on its button


def checklist(deployment: Deployment) -> list[Block]:
    """What must be ticked before it starts; when it is out, what is asked for then. It stays on the card."""
    before = next((each.items for each in deployment.verdicts if each.gate == CHECKLIST.name), ())
    may_tick = deployment.state in OPEN_TO_VOTES
    return [
        *_part(deployment, "before", "Checklist", before, may_tick=may_tick),
        *_part(
            deployment,
            "after",
            "Afterwards",
            afterwards(deployment),
            may_tick=deployment.state is State.SUCCEEDED,
        ),
    ]


def _part(
    deployment: Deployment, name: str, title: str, items: Sequence[ChecklistItem], *, may_tick: bool
) -> list[Block]:
    if not items:
        return []
    text = line(bold(title))
    for each in items:
        text += line(*_item(deployment, each))
    buttons = _buttons(deployment, texts(items)) if may_tick else []
    return [blocks.rich(text, name), *blocks.actions(f"tick-{name}", buttons)]


def _item(deployment: Deployment, item: ChecklistItem) -> list[Span | str]:
    if isinstance(item, AutoTick):
        done = _passed(deployment, item)
        return [Icon(TICKED if done else OPEN), f" {item.item} · by itself"]
    tick = given(deployment).get(item.text)
    said: list[Span | str] = [Icon(TICKED if tick else OPEN), f" {item.text}"]
    return [*said, " · ", Mention(tick.person, tick.name), " ", Moment(tick.at)] if tick else said


def _passed(deployment: Deployment, item: AutoTick) -> bool:
    """As the gate of that name said last, or as it was measured; what was not asked yet is not ticked."""
    if item.item is AutomaticItem.VERIFY:
        return all_passed(deployment.verifications)
    return any(each.gate == item.item and passes(each) for each in deployment.verdicts)


def _buttons(deployment: Deployment, items: Sequence[str]) -> list[Block]:
    """One for each item: tick it, or take its tick away."""
    ticked = given(deployment)
    made: list[Block] = []
    for place, item in enumerate(items):
        value = ButtonValue(deployment.number, deployment.digest or "", deployment.version, item=item)
        action, word = (ActionId.UNTICK, "Untick") if item in ticked else (ActionId.TICK, "Tick")
        label = f"{word} “{clip(visible(item), ITEM)}”"
        made.append(blocks.button(action, label, value.write(), place=place))
    return made
