"""What people let pass, as the card shows it; it stays when all is over."""

from __future__ import annotations

from bot.core.records import Deployment
from bot.core.text import Icon, Mention, Moment, Text, bold, line
from bot.core.visible import clip
from bot.slack.views import blocks
from bot.slack.views.blocks import Block


def overrides(deployment: Deployment) -> list[Block]:
    """Which rule, by whom, when and why."""
    text = Text(())
    for each in deployment.overrides:
        who = Mention(each.person, each.name)
        what = bold(each.gate.capitalize())
        text += line(
            Icon("warning"),
            " ",
            what,
            " overridden by ",
            who,
            " ",
            Moment(each.at),
            f" because {clip(each.reason, 300)}",
        )
    return [blocks.rich(text, "overrides")] if text.lines else []
