"""Offers to let a new request replace the one that it waits for: in words, and by a button for who may."""

from __future__ import annotations

from bot.core.actions import ActionId, ButtonValue
from bot.core.records import Deployment
from bot.core.superseding import Behind
from bot.core.text import Text, code, line


def words(behind: Behind, newer: Deployment) -> Text:
    """Who may do so, and how."""
    typed = code(f"/handover #{behind.number} to #{newer.number} because ...")
    who = "You may" if behind.mine else f"Its owners ({behind.owners}) may"
    return line(f"{who} let it replace #{behind.number}: ", typed)


def button(behind: Behind, newer: Deployment) -> tuple[str, str]:
    """The offer below the answer and what it carries; nothing for others than those who may."""
    if not behind.mine:
        return "", ""
    value = ButtonValue(behind.number, behind.digest, behind.version, newer.number)
    return ActionId.HAND_OVER, value.write()
