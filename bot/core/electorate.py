"""Whether enough people could approve a request: asked before it is kept, so that nobody waits in vain."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.catalog import Policy
from bot.core.crowds import most_of
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.listing import lists_of
from bot.core.naming import what_of
from bot.core.people import listed_in
from bot.core.ports import Directory
from bot.core.records import Resolution, Wish
from bot.core.rules import ApprovalRule
from bot.core.values import Person
from bot.core.voting import MORE_PEOPLE, barred, unfilled, voters, wanted

MOST = 30  # people who are looked up; where more could vote, nobody claims that they are too few
NAMED = 10


@dataclass(frozen=True, slots=True)
class Electorate:
    """Those who could approve, as far as they were looked for: no further than until there were enough."""

    able: tuple[Person, ...] = ()
    unable: tuple[str, ...] = ()  # who could not, and why
    unread: tuple[str, ...] = ()  # the sets of which not everybody is known
    missing: tuple[ApprovalRule, ...] = ()  # what surely can't be given

    @property
    def shortage(self) -> str:
        """What is asked for, who could, and who could not."""
        could = ", ".join(each.name for each in self.able) or "nobody"
        not_so = "; ".join(self.unable[:NAMED])
        more = f"; and {len(self.unable) - NAMED} more" if len(self.unable) > NAMED else ""
        said = f"{wanted(self.missing)} can't be had. Who could approve: {could}."
        return f"{said} Who could not: {not_so}{more}." if not_so else said

    @property
    def next(self) -> str:
        """What helps."""
        return MORE_PEOPLE


@dataclass(frozen=True, slots=True)
class Question:
    """Whose request it is, what it brings, and by which rules."""

    workspace: str
    asker: str
    policy: Policy
    resolution: Resolution | None


async def must_be_enough(directory: Directory, question: Question, wish: Wish) -> None:
    """UserError where the approvals surely can't be given; an emergency waits for none."""
    found = await electorate(directory, question, wish)
    if found.missing:
        raise UserError(too_few(wish), found.shortage, found.next)


def too_few(wish: Wish) -> str:
    """What is wrong, in one sentence."""
    return f"Too few people could approve {what_of(wish)}."


async def electorate(directory: Directory, question: Question, wish: Wish) -> Electorate:
    """That they are too few is said only of what was read anew."""
    if wish.emergency or not question.policy.approvals.rules:
        return Electorate()
    found = await _look(directory, question, fresh=False)
    return await _look(directory, question, fresh=True) if found.missing else found


async def _look(directory: Directory, question: Question, *, fresh: bool) -> Electorate:
    approvals, workspace = question.policy.approvals, question.workspace
    who = voters(approvals)
    groups = (await lists_of(directory, workspace, who, fresh=fresh)).whole
    named = {each.name for each in who if not set(listed_in(each.rule)) <= groups.keys()}
    unread = tuple(each.name for each in who if each.name in named)
    rules = tuple(rule for rule in approvals.rules if named.isdisjoint(each.name for each in rule.voters))
    rules = tuple(rule for rule in rules if most_of(rule.voters, groups) is not None)
    ids = most_of(tuple(each for rule in rules for each in rule.voters), groups) or frozenset()
    if len(ids) > MOST:
        return Electorate(unread=unread)
    able: dict[str, Person] = {}
    unable: list[str] = []
    for id in sorted(ids):
        try:
            person = await directory.person(workspace, id, fresh=fresh)
        except (Transient, NeedsHuman, UserError):
            return Electorate(tuple(able.values()), tuple(unable), (*unread, id))
        why = barred(person, question.asker, question.resolution, question.policy)
        if why:
            unable.append(f"{person.name}, who {why}")
        else:
            able.setdefault(person.human, person)
        if not unfilled(rules, able.values()):
            break
    missing = unfilled(rules, able.values())
    return Electorate(tuple(able.values()), tuple(unable), unread, missing)
