"""Every case of who wrote, who asked, who voted and what the policy wants; and a second opinion on each.

The second opinion shares no code with the product: it tries every way to seat the voters, and asks of each
voter the few questions of the policy in the words of the documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product

from bot.core.gates.approvals import judge
from bot.core.gates.model import FactKind, Known
from bot.core.people import PeopleSet, SlackGroup
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, Exclusion, UnknownAuthors
from bot.core.values import Person
from bot.core.verdicts import GateState
from bot.core.votes import Vote, VoteKind
from bot.core.voting import Voters, may_vote
from tests.fakes.samples import NOON, actor, commit, frozen, policy, resolution

LEADS = PeopleSet("leads", SlackGroup("leads"))
SRE = PeopleSet("sre", SlackGroup("sre"))
ANN = Person("U0ANN", "Ann", NOON, groups=frozenset({"sre"}), login="ann")
BOB = Person("U0BOB", "Bob", NOON, groups=frozenset({"sre", "leads"}), login="bob")
CYD = Person("U0CYD", "Cyd", NOON, groups=frozenset({"leads"}), login="cyd")

RULES = (
    (),
    (ApprovalRule(1, (SRE,)),),
    (ApprovalRule(2, (SRE, LEADS)),),
    (ApprovalRule(1, (SRE,)), ApprovalRule(1, (LEADS,))),
    (ApprovalRule(2, (SRE,)), ApprovalRule(1, (LEADS,))),
)
EXCLUDED = (
    (),
    (Exclusion.REQUESTER,),
    (Exclusion.AUTHORS,),
    (Exclusion.CO_AUTHORS,),
    (Exclusion.REQUESTER, Exclusion.AUTHORS, Exclusion.CO_AUTHORS),
)
BOBS = (
    BOB,
    replace(BOB, active=False),
    replace(BOB, guest=True),
    replace(BOB, stranger=True),
    replace(BOB, login=None),
    replace(BOB, login="ANN"),  # one human with two accounts
    replace(BOB, groups=frozenset()),  # taken out of every group since
    None,  # the directory does not answer
)
AUTHORS = (("mallory", ""), ("Bob", ""), ("mallory", "ann"), ("Somebody", ""), ("mallory", "Somebody"))
CHOICES = ("", "approve", "stale")  # no vote; a vote on what stands there; a vote on something else


@dataclass(frozen=True, slots=True)
class Point:
    """One case."""

    rules: tuple[ApprovalRule, ...]
    exclude: tuple[Exclusion, ...]
    unknown: UnknownAuthors
    truncated: bool
    authors: tuple[str, str]  # of its commit, and with whom
    asked_by: Person
    bob: Person | None
    votes: tuple[str, ...]  # Ann's, Bob's and Cyd's

    @property
    def approvals(self) -> Approvals:
        """As the policy says it."""
        return Approvals(self.rules, self.exclude, self.unknown)

    @property
    def voters(self) -> Voters:
        """As the directory tells of them."""
        known = tuple(person for person in (ANN, self.bob, CYD) if person is not None)
        return Voters(known, () if self.bob else (BOB.name,))

    def deployment(self) -> Deployment:
        """The request with its votes."""
        author, other = self.authors
        unknown = tuple(name for name in self.authors if name == "Somebody")
        one = replace(commit(author=author), co_authors=(other,) if other else (), unknown_authors=unknown)
        changes = resolution(changes=(one,), truncated=self.truncated)
        found = frozen(resolution=changes, requested_by=actor(self.asked_by))
        votes = [
            Vote(
                person.id,
                person.name,
                VoteKind.APPROVE,
                (found.digest or "") if choice == "approve" else "0" * 64,
                NOON,
            )
            for person, choice in zip((ANN, BOB, CYD), self.votes, strict=True)
            if choice
        ]
        return replace(found, votes=tuple(votes))


def points_of(rules: int, exclude: int) -> Iterator[Point]:
    """All cases of one of the rules and one of the exclusions."""
    votes = tuple(product(CHOICES, repeat=3))
    rest = product(UnknownAuthors, (False, True), AUTHORS, (ANN, BOB), BOBS, votes)
    return (Point(RULES[rules], EXCLUDED[exclude], *each) for each in rest)


def expected(point: Point) -> GateState:
    """What the gate must say."""
    able = {person.id: person for person in point.voters.known}
    voted = [
        able[who.id]
        for who, choice in zip((ANN, BOB, CYD), point.votes, strict=True)
        if choice == "approve" and who.id in able
    ]
    return opinion(point, voted)


def opinion(point: Point, voted: Iterable[Person]) -> GateState:
    """What the gate must say when these have approved exactly what stands there."""
    if not point.rules:
        return GateState.OPEN
    code = {Exclusion.AUTHORS, Exclusion.CO_AUTHORS} & set(point.exclude)
    if code and point.truncated:
        return GateState.REFUSED
    if point.unknown is UnknownAuthors.CLOSED and "Somebody" in _looked_at(point):
        return GateState.REFUSED
    able = [person for person in voted if may(point, person)]
    return GateState.OPEN if _enough(point.rules, able) else GateState.WAITING


def may(point: Point, person: Person) -> bool:
    """Whether this person may approve."""
    if not person.active or person.guest or person.stranger:
        return False
    wanted = {group.rule.handle for rule in point.rules for group in rule.voters}  # type: ignore[union-attr]
    if not wanted & person.groups:
        return False
    if Exclusion.REQUESTER in point.exclude and person.id == point.asked_by.id:
        return False
    if not {Exclusion.AUTHORS, Exclusion.CO_AUTHORS} & set(point.exclude):
        return True
    written = {name.casefold() for name in _looked_at(point)}
    return person.login is not None and person.login.casefold() not in written


def _looked_at(point: Point) -> set[str]:
    author, other = point.authors
    looked = {author} if Exclusion.AUTHORS in point.exclude else set()
    return looked | ({other} if Exclusion.CO_AUTHORS in point.exclude and other else set())


def _enough(rules: tuple[ApprovalRule, ...], voted: list[Person]) -> bool:
    """Whether some order of distinct humans fills every place."""
    places = [rule for rule in rules for _ in range(rule.count)]
    return any(
        len({(person.login or person.id).casefold() for person in row}) == len(places)
        and all(
            person.groups & {group.rule.handle for group in rule.voters}  # type: ignore[union-attr]
            for person, rule in zip(row, places, strict=True)
        )
        for row in permutations(voted, len(places))
    )


def disagreements(points: Iterable[Point]) -> list[tuple[Point, str]]:
    """Where the product and the second opinion differ."""
    found = []
    for point in points:
        deployment, rules = point.deployment(), policy(approvals=point.approvals)
        verdict = judge(deployment, rules, {FactKind.VOTERS: Known(point.voters, NOON)}, NOON)
        if verdict.state is not expected(point):
            found.append((point, f"{verdict.state}, expected {expected(point)}"))
        if point.rules and not point.truncated:
            found += [
                (point, f"{person.name} may vote: {not may(point, person)}")
                for person in point.voters.known
                if may_vote(person, deployment, rules, NOON) is not may(point, person)
            ]
    return found
