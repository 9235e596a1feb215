"""A wish in the words of /deploy, or of /run, so that a button can say it once more."""

from __future__ import annotations

from bot.core.records import Wish
from bot.core.values import Kind


def words_of(wish: Wish) -> str:
    """Everything that was wished, with nothing left to guess."""
    place = (wish.environment, wish.service) if wish.kind is Kind.RUN else (wish.service, wish.environment)
    words = [f'"{each}"' for each in place]
    words += [f'ref="{wish.ref}"'] if wish.ref else []
    words += [f'{name}="{value}"' for name, value in wish.inputs]
    words += ["emergency"] if wish.emergency else []
    words += [f"at {wish.due.written}"] if wish.due else []
    words += [f"because {wish.reason}"] if wish.reason else []
    return " ".join(words)
