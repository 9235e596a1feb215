"""Going back does not undo what a migration did to the database: it takes somebody who says that it may be.

Going on is open; the card warns of a release that brings migrations.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.errors import Bug
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict, people_in
from bot.core.globs import matches_any
from bot.core.going_back import TakenBack
from bot.core.overrides import Overridable
from bot.core.passing import how_to_pass, passed_by
from bot.core.policy_version import fingerprint
from bot.core.range_words import paths_in_words
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.values import Kind, Person
from bot.core.voting import names

NAME = "migrations"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while no migration is taken back, or somebody with the right says that it may be."""
    back, passed = facts[FactKind.TAKEN_BACK], facts[FactKind.LIFTERS]
    for fact in (back, passed):
        if isinstance(fact, Unreadable):
            return Verdict(NAME, GateState.WAITING, "It can't be read what it would take back.", fact.why)
    if deployment.wish.kind is Kind.RESTORE:
        return _restore(deployment, policy, people_in(passed))
    if not policy.migrations:
        return Verdict(NAME, GateState.OPEN, "No files are named as migrations.")
    taken = _taken(back)
    touched = tuple(path for path in taken.paths if matches_any(path, policy.migrations))
    if taken.whole and not touched:
        return Verdict(NAME, GateState.OPEN, "It takes no migration back.")
    part = fingerprint((taken.number, touched, taken.whole))  # of what runs, for it may list the same files
    word = passed_by(Overridable.MIGRATIONS, part, policy, deployment, people_in(passed))
    if word is not None:
        what = f"{_what(touched, taken)} {word.name} let this one pass."
        return Verdict(NAME, GateState.OVERRIDDEN, what, f"The reason: {word.reason}.")
    return _closed(deployment, policy, taken, touched, part)


def _restore(deployment: Deployment, policy: Policy, people: tuple[Person, ...]) -> Verdict:
    """What was written since the backup is lost for good: that takes a second person as well."""
    restores = deployment.wish.restores
    if restores is None or restores.backup is None:
        raise Bug("a database is to be restored from no backup")
    part = fingerprint((restores.backup.id, restores.backup.at))
    what = f"It would bring the database back to backup {restores.backup.id}, made by #{restores.made_by}."
    word = passed_by(Overridable.MIGRATIONS, part, policy, deployment, people)
    if word is not None:
        what = f"{what} {word.name} let it."
        return Verdict(NAME, GateState.OVERRIDDEN, what, f"The reason: {word.reason}.")
    override = how_to_pass(Overridable.MIGRATIONS, policy, deployment)
    return Verdict(
        NAME,
        GateState.WAITING,
        what,
        "What was written since then would be lost.",
        override or "The catalog allows nobody to let it: see `rights: {override_migrations: ...}`.",
        names(policy.rights.of(Right.OVERRIDE_MIGRATIONS)),
        held=(part,),
    )


def _closed(
    deployment: Deployment, policy: Policy, taken: TakenBack, touched: tuple[str, ...], part: str
) -> Verdict:
    override = how_to_pass(Overridable.MIGRATIONS, policy, deployment)
    why = f"#{taken.number} runs there, and going back does not undo what they did to the database."
    return Verdict(
        NAME,
        GateState.WAITING,
        _what(touched, taken),
        f"{taken.unread} {why}".strip(),
        f"Ask for a release that has them. {override}".strip(),
        names(policy.rights.of(Right.OVERRIDE_MIGRATIONS)),
        held=(part,),
    )


def _what(touched: tuple[str, ...], taken: TakenBack) -> str:
    if taken.unread:
        return "It can't be read what it would take back."
    more = "" if taken.whole else " and nobody can say which others"
    if not touched:
        return "Nobody can say which migrations it would take back."
    return f"It would take migrations back: {paths_in_words(touched)}{more}."


def _taken(fact: Known | Unreadable) -> TakenBack:
    return fact.value if isinstance(fact, Known) and isinstance(fact.value, TakenBack) else TakenBack()


MIGRATIONS = Gate(NAME, frozenset({FactKind.TAKEN_BACK, FactKind.LIFTERS}), judge)
