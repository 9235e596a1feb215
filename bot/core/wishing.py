"""A wish in the words of /deploy, so that a button can say it once more."""

from __future__ import annotations

from bot.core.records import Wish


def words_of(wish: Wish) -> str:
    """Everything that was wished, with nothing left to guess."""
    words = [f'"{wish.service}"', f'"{wish.environment}"']
    words += [f'ref="{wish.ref}"'] if wish.ref else []
    words += [f'{name}="{value}"' for name, value in wish.inputs]
    words += ["emergency"] if wish.emergency else []
    words += [f"at {wish.due.written}"] if wish.due else []
    words += [f"because {wish.reason}"] if wish.reason else []
    return " ".join(words)
