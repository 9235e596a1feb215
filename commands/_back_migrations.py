"""Whether a migration lies between what leaves and what comes back: said before anybody confirms it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.catalog import Policy
from bot.core.globs import matches_any
from bot.core.range_words import paths_in_words
from bot.core.rules import Right
from bot.core.text import NOTHING, Icon, Text, bold, line
from bot.core.voting import names


def between(policy: Policy, paths: Iterable[str], *, whole: bool) -> Text:
    """The files, what going back does to the database, and who must agree; `whole`: no path is missing."""
    if not policy.migrations:
        return NOTHING
    touched = tuple(path for path in dict.fromkeys(paths) if matches_any(path, policy.migrations))
    if not touched and whole:
        return line("No migration lies between.")
    return line(Icon("warning"), " ", bold(_said(touched, whole=whole)), f" {_then(policy)}")


def _said(touched: tuple[str, ...], *, whole: bool) -> str:
    if not touched:
        return "Nobody can say whether a migration lies between."
    verb = "A migration lies" if len(touched) == 1 else "Migrations lie"
    more = "" if whole else " and nobody can say which others"
    return f"{verb} between: {paths_in_words(touched)}{more}."


def _then(policy: Policy) -> str:
    who = policy.rights.of(Right.OVERRIDE_MIGRATIONS)
    what = "Going back does not undo what it did to the database."
    if not who:
        return f"{what} It would wait, and the catalog allows nobody to let it pass."
    return f"{what} It waits until somebody of {names(who)} other than you lets it pass, with a reason."
