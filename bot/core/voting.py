"""Who may decide on a request, and whether those who did are enough; the same at click and dispatch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.catalog import Policy
from bot.core.code import Commit
from bot.core.errors import Denied, UserError
from bot.core.identity import asks_for_account, settled, too_new_to_vote
from bot.core.lifecycle import State
from bot.core.people import Who, is_member, none_of
from bot.core.records import Deployment, Resolution
from bot.core.rules import ApprovalRule, Approvals, Exclusion, UnknownAuthors
from bot.core.values import ActorKind, Origin, Person, short
from bot.core.votes import Vote, VoteKind

SAID = 3  # of what nobody can say
MORE_PEOPLE = (
    "Let somebody else ask for it, or ask an administrator to name more people under `approvals:` "
    "in slipway.yml."
)
OPEN_TO_VOTES = frozenset({State.SCHEDULED, State.WAITING})


@dataclass(frozen=True, slots=True)
class Left:
    """Who can still fill a rule, as they were known some minutes ago at most."""

    rule: ApprovalRule  # with as many as it still wants
    people: tuple[Person, ...] = ()
    whole: bool = True  # False: there may be others, whom nobody listed


@dataclass(frozen=True, slots=True)
class Voters:
    """Those who voted, as the directory knows them now, and by name those who can't be counted."""

    known: tuple[Person, ...] = ()
    unread: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()  # they may not write to the repository any more
    left: tuple[Left, ...] = ()  # for each rule that is not filled, while it waits


@dataclass(frozen=True, slots=True)
class Authors:
    """Whose work a release brings. A name is somebody whom the code host knows no account of."""

    logins: frozenset[str]
    ids: frozenset[str]  # of their accounts: whoever takes a new login is still the author
    names: tuple[str, ...]
    whole: bool  # False where the list of commits was cut off
    unread: tuple[str, ...] = ()  # what else nobody can say: who committed this, who merged that


def authors_of(resolution: Resolution, approvals: Approvals) -> Authors:
    """By what the policy excludes; with nothing to compare with, the release's own commit alone.

    What went past us counts with what is new, or to go past us would hide who wrote it.
    """
    commits = (*(resolution.changes or (resolution.release,)), *resolution.unapproved)
    hands = [_hands(commit, approvals.exclude) for commit in commits]
    wanted = [name for each in hands for name in each.logins]
    unknown = {name for commit in commits for name in commit.unknown_authors}
    return Authors(
        frozenset(name.lower() for name in wanted),  # a name that is written like an account counts, too
        frozenset(id for each in hands for id in each.ids),
        tuple(dict.fromkeys(name for name in wanted if name in unknown)),
        not resolution.truncated and resolution.unapproved_whole,
        tuple(words for each in hands for words in each.unread),
    )


@dataclass(frozen=True, slots=True)
class _Hands:
    """Who had a hand in one commit, as far as the policy asks."""

    logins: tuple[str, ...]
    ids: tuple[str, ...]
    unread: tuple[str, ...]


def _hands(commit: Commit, exclude: tuple[Exclusion, ...]) -> _Hands:
    logins: list[str] = []
    ids: list[str | None] = []
    unread: list[str] = []
    if Exclusion.AUTHORS in exclude:
        logins.append(commit.author)
        ids.append(commit.author_id)
    if Exclusion.CO_AUTHORS in exclude:
        logins += commit.co_authors
        ids += commit.co_author_ids
    if Exclusion.COMMITTERS in exclude:
        logins += [commit.committer] if commit.committer else []
        ids.append(commit.committer_id)
        unread += [f"committed {short(commit.sha)}"] if commit.committer is None else []
    if Exclusion.MERGERS in exclude:
        logins += commit.mergers or ()
        ids += commit.merger_ids
        unread += [f"merged {short(commit.sha)}"] if commit.mergers is None else []
    return _Hands(tuple(logins), tuple(each for each in ids if each), tuple(unread))


def must_be_voter(
    person: Person,
    deployment: Deployment,
    policy: Policy,
    now: datetime,
    kind: VoteKind = VoteKind.APPROVE,
) -> None:
    """Raises Denied with what, why and what next where this person may not decide on this request."""
    number = deployment.number
    if not person.active or person.guest or person.stranger:
        raise Denied(
            f"You can't decide on #{number}.",
            "Guests, people of other organisations and deactivated accounts never do.",
            "Ask a full member of this workspace.",
        )
    approvals = policy.approvals
    who = voters(approvals)
    if not is_member(who, person):
        raise Denied(
            f"You can't decide on #{number}.",
            none_of(who, person),
            f"Ask somebody of {names(who)}.",
        )
    if kind is VoteKind.REJECT:
        return  # whoever is asked may say stop, also to their own work
    if not is_member(who, settled(person, policy, now)):
        _must_not_be_new(person, deployment, policy, now)
    if Exclusion.REQUESTER in approvals.exclude and person.id == deployment.requested_by.id:
        raise Denied(
            f"You can't decide on #{number}.",
            "You asked for it yourself, and this environment wants a second pair of eyes.",
            f"Ask somebody else of {names(who)}.",
        )
    _must_not_have_started_it(person, deployment, policy, now)
    _must_not_be_author(person, deployment, policy, now)


def compares_accounts(deployment: Deployment, policy: Policy) -> bool:
    """Whether voters are held against accounts of the code host, so that theirs must be one that may write.

    So it is where a rule asks for it, and where nobody knows whose account began the run: whoever asks for it
    here need not be the one who started it there.
    """
    known = deployment.requested_by.kind is ActorKind.PERSON and deployment.origin is Origin.PROVIDER
    of_nobody = deployment.gate_run is not None and not known
    wanted = bool(policy.approvals.rules) and Exclusion.REQUESTER in policy.approvals.exclude
    return asks_for_account(policy) or (of_nobody and wanted)


def _must_not_have_started_it(person: Person, deployment: Deployment, policy: Policy, now: datetime) -> None:
    """A run that began at the code host was asked for by an account, whoever stands behind it."""
    gate, number = deployment.gate_run, deployment.number
    if gate is None or Exclusion.REQUESTER not in policy.approvals.exclude:
        return
    if started_it(person, deployment, policy):
        raise Denied(
            f"You can't decide on #{number}.",
            f"Your account {gate.actor} started its run, and this environment wants a second pair of eyes.",
            f"Ask somebody else of {names(voters(policy.approvals))}.",
        )
    if not compares_accounts(deployment, policy):
        return
    if person.account_id is None:
        raise Denied(
            f"You can't decide on #{number} yet.",
            f"{gate.actor} started its run, and nobody knows whether that is you.",
            "Link your account with `/slipway link`, then decide.",
        )
    _must_not_be_new(person, deployment, policy, now)


def started_it(person: Person, deployment: Deployment, policy: Policy) -> bool:
    """Whether their account began its run at the code host, where who asked may not approve."""
    gate = deployment.gate_run
    if gate is None or Exclusion.REQUESTER not in policy.approvals.exclude:
        return False
    return person.account_id is not None and person.account_id == gate.actor_id


def _must_not_be_new(person: Person, deployment: Deployment, policy: Policy, now: datetime) -> None:
    if too_new_to_vote(person, policy, now):
        raise Denied(
            f"You can't decide on #{deployment.number} yet.",
            f"Your account {person.login} was linked less than a day ago, and this is production.",
            "Wait until it is a day old, or let an administrator vouch for it: `/slipway confirm-link`.",
        )


def _must_not_be_author(person: Person, deployment: Deployment, policy: Policy, now: datetime) -> None:
    if not asks_for_account(policy) or deployment.resolution is None:
        return
    approvals = policy.approvals
    number = deployment.number
    if person.login is None:
        raise Denied(
            f"You can't decide on #{number} yet.",
            "Authors may not approve their own work here, and nobody knows your account at the code host.",
            "Link it with `/slipway link`, then decide.",
        )
    _must_not_be_new(person, deployment, policy, now)
    if has_a_hand(person, deployment.resolution, approvals):
        raise Denied(
            f"You can't decide on #{number}.",
            f"It brings work of yours ({person.login}), and authors may not approve their own work here.",
            f"Ask somebody else of {names(voters(approvals))}.",
        )


def has_a_hand(person: Person, resolution: Resolution, approvals: Approvals) -> bool:
    """Whether it brings work of theirs, by the account that they have linked."""
    if person.login is None:
        return False
    authors = authors_of(resolution, approvals)
    return person.login.lower() in authors.logins or person.account_id in authors.ids


def barred(person: Person, asker: str, resolution: Resolution | None, policy: Policy) -> str:
    """Why this person can't come to approve it, whatever they do; nothing for who can, once they link."""
    approvals = policy.approvals
    if not person.active:
        return "has left"
    if person.guest or person.stranger:
        return "is a guest" if person.guest else "is of another organisation"
    if not is_member(voters(approvals), person):
        return "is none of them any more"
    if Exclusion.REQUESTER in approvals.exclude and person.id == asker:
        return "asks for it"
    if asks_for_account(policy) and resolution is not None and has_a_hand(person, resolution, approvals):
        return "has a hand in it"
    return ""


def may_vote(person: Person, deployment: Deployment, policy: Policy, now: datetime) -> bool:
    """The same as a question."""
    try:
        must_be_voter(person, deployment, policy, now)
    except UserError:
        return False
    return True


def approved_by(
    deployment: Deployment, policy: Policy, now_known: Voters, now: datetime
) -> tuple[Person, ...]:
    """Those whose approval counts under this policy as they are known now; one vote for each human."""
    people = {person.id: person for person in now_known.known}
    counted: dict[str, Person] = {}
    for vote in deployment.votes:
        known = people.get(vote.person)
        person = settled(known, policy, now) if known else None
        if person is not None and _counts(vote, deployment) and may_vote(person, deployment, policy, now):
            counted.setdefault(person.human, person)
    return tuple(counted.values())


def _counts(vote: Vote, deployment: Deployment) -> bool:
    return vote.kind is VoteKind.APPROVE and vote.digest == deployment.digest


def unfilled(rules: tuple[ApprovalRule, ...], people: Iterable[Person]) -> tuple[ApprovalRule, ...]:
    """The rules that still want somebody, and how many; each person fills one place, the best way."""
    places = [number for number, rule in enumerate(rules) for _ in range(rule.count)]
    taken: dict[int, Person] = {}
    for person in people:
        _seat(person, rules, places, taken, set())
    missing: dict[int, int] = {}
    for place, number in enumerate(places):
        if place not in taken:
            missing[number] = missing.get(number, 0) + 1
    return tuple(ApprovalRule(count, rules[number].voters) for number, count in missing.items())


def _seat(
    person: Person,
    rules: tuple[ApprovalRule, ...],
    places: list[int],
    taken: dict[int, Person],
    tried: set[int],
) -> bool:
    """Find a place, moving others along where that helps."""
    for place, number in enumerate(places):
        if place in tried or not is_member(rules[number].voters, person):
            continue
        tried.add(place)
        if place not in taken or _seat(taken[place], rules, places, taken, tried):
            taken[place] = person
            return True
    return False


def voters(approvals: Approvals) -> Who:
    """Everybody whom some rule names."""
    return tuple({each.name: each for rule in approvals.rules for each in rule.voters}.values())


def wanted(rules: tuple[ApprovalRule, ...]) -> str:
    """How many, and of whom."""
    words = [
        f"{rule.count} approval{'s' if rule.count > 1 else ''} of {names(rule.voters)}" for rule in rules
    ]
    return " and ".join(words)


def names(who: Who) -> str:
    """As people read it."""
    return " or ".join(dict.fromkeys(each.name for each in who)) or "nobody"


def closed_by_authors(deployment: Deployment, policy: Policy) -> tuple[str, str] | None:
    """Why nobody can be found who surely did not write it, and what to do; None where that is known."""
    approvals = policy.approvals
    if deployment.resolution is None or not asks_for_account(policy):
        return None
    authors = authors_of(deployment.resolution, approvals)
    if not authors.whole:
        return (
            "The list of commits is cut off, so nobody can say who wrote them all.",
            "Deploy a release in between first, so that fewer commits go at a time.",
        )
    if authors.names and approvals.unknown_authors is UnknownAuthors.CLOSED:
        return (
            f"The code host knows no account of {', '.join(authors.names)}, who wrote some of it.",
            "They can add their commit address to their account; then ask again.",
        )
    if authors.unread and approvals.unknown_authors is UnknownAuthors.CLOSED:
        more = f" and {len(authors.unread) - SAID} more" if len(authors.unread) > SAID else ""
        return (
            f"The code host does not say for sure who {', '.join(authors.unread[:SAID])}{more}.",
            "Whoever did can add their commit address to their account; then ask again.",
        )
    return None
