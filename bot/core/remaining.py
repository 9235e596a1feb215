"""Who can still approve what waits: read for people to see, so that it may be some minutes old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.catalog import Policy
from bot.core.crowds import most_of, named_in
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.listing import Lists, lists_of
from bot.core.people import is_member
from bot.core.ports import Directory
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule
from bot.core.values import Person
from bot.core.votes import VoteKind
from bot.core.voting import OPEN_TO_VOTES, Left, Voters, approved_by, barred, started_it, unfilled, voters

MOST = 30  # people who are looked up for one rule; of larger sets nobody is named


async def remaining(
    directory: Directory, deployment: Deployment, policy: Policy, votes: Voters, now: datetime
) -> tuple[Left, ...]:
    """Whoever could fill each rule that is not filled; nobody is looked up where nobody is asked."""
    if deployment.state not in OPEN_TO_VOTES or deployment.wish.emergency:
        return ()
    agreed = approved_by(deployment, policy, votes, now)
    missing = unfilled(policy.approvals.rules, agreed)
    if not missing:
        return ()
    lists = await lists_of(directory, deployment.workspace, voters(policy.approvals), fresh=False)
    asked = _Asked(deployment, policy, frozenset(each.human for each in agreed))
    return tuple([await _left(directory, asked, rule, lists) for rule in missing])


@dataclass(frozen=True, slots=True)
class _Asked:
    deployment: Deployment
    policy: Policy
    agreed: frozenset[str]

    def able(self, person: Person) -> bool:
        """Whether they can come to approve it, and have not done so."""
        deployment = self.deployment
        asker = deployment.requested_by.id
        if barred(person, asker, deployment.resolution, self.policy) or person.human in self.agreed:
            return False
        return not started_it(person, deployment, self.policy)


async def _left(directory: Directory, asked: _Asked, rule: ApprovalRule, lists: Lists) -> Left:
    voted = {
        vote.person
        for vote in asked.deployment.votes
        if (vote.kind, vote.digest) == (VoteKind.APPROVE, asked.deployment.digest)
    }
    ids = sorted(named_in(rule.voters, lists.known) - voted)
    whole = most_of(rule.voters, lists.whole) is not None
    if len(ids) > MOST:
        return Left(rule, whole=False)
    able: dict[str, Person] = {}
    for id in ids:
        try:
            person = await directory.person(asked.deployment.workspace, id)
        except (Transient, NeedsHuman, UserError):
            whole = False
            continue
        if is_member(rule.voters, person) and asked.able(person):
            able.setdefault(person.human, person)
    return Left(rule, tuple(sorted(able.values(), key=lambda each: each.name.lower())), whole)
