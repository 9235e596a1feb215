"""Sample people, a small catalog, and deployments in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.alerts import Pinned
from bot.core.asking import freeze
from bot.core.catalog import Catalog, Channels, Environment, Policy, Service, Tier
from bot.core.code import Commit, RefKind
from bot.core.lifecycle import ENDS, State
from bot.core.people import FullMembers, NamedUsers, PeopleSet, SlackGroup
from bot.core.pipelines import AcceptedInput, InputType, Pin, Pipeline, Provider, Repository, Start
from bot.core.policy_version import policy_of
from bot.core.records import Attempt, Deployment, Resolution, Wish
from bot.core.request import canonical_json
from bot.core.rules import Approvals, Right, Rights
from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.values import (
    Action,
    Actor,
    ActorKind,
    DeploymentId,
    Kind,
    Origin,
    Person,
    Place,
    Sha,
    operation_key,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEAM = "T0ACME0001"
SHA_A, SHA_B, SHA_C = (Sha(letter * 40) for letter in "abc")

ADA = Person("U0ADA00001", "Ada", NOON, groups=frozenset({"sre"}))
LINUS = Person("U0LINUS001", "Linus", NOON)
GUEST = Person("U0GUEST001", "Gus", NOON, guest=True)
STRANGER = Person("U0STRANGER", "Sam", NOON, stranger=True)
FORMER = Person("U0FORMER01", "Dennis", NOON, groups=frozenset({"sre"}), active=False)

EVERYONE = PeopleSet("everyone", FullMembers())
SRE = PeopleSet("sre", SlackGroup("sre"))
OWNERS = PeopleSet("payments", NamedUsers(("U0OWNER001",)))

PIPELINE = Pipeline(
    provider=Provider.GITHUB,
    start=Start.DISPATCH,
    pin=Pin.TAG,
    timeout=timedelta(minutes=30),
    workflow="deploy.yml",
    inputs=(("environment", "{environment}"), ("version", "{sha}"), ("operation", "{key}")),
    accepts=(
        AcceptedInput("log_level", InputType.CHOICE, ("info", "debug"), "info"),
        AcceptedInput("note", InputType.STRING),
        AcceptedInput("replicas", InputType.INTEGER),
        AcceptedInput("skip_smoke", InputType.BOOLEAN, default=False),
    ),
)


def actor(person: Person) -> Actor:
    """Somebody as the one who did it."""
    return Actor(ActorKind.PERSON, person.id, person.name)


def policy(**changes: Any) -> Policy:
    """Everybody may deploy anything."""
    plain = Policy(
        repository=Repository(Provider.GITHUB, "acme/api"),
        tier=Tier.STANDARD,
        refs=("*",),
        who=(EVERYONE,),
        approvals=Approvals(),
        timeout=timedelta(minutes=30),
        pipeline=PIPELINE,
    )
    return replace(plain, **changes)


def service(name: str = "api", *environments: Environment, **changes: Any) -> Service:
    """A service with staging for all and production for the SRE group."""
    usual = (
        Environment("staging", policy()),
        Environment("production", policy(tier=Tier.PRODUCTION, who=(SRE,))),
    )
    repository = Repository(Provider.GITHUB, "acme/api")
    plain = Service(name, repository, environments or usual, owners=(OWNERS,))
    return replace(plain, **changes)


def catalog(*services: Service) -> Catalog:
    """Two open services and one that only the SRE group knows of."""
    usual = (
        service(),
        service("web", Environment("staging", policy()), Environment("preview", policy())),
        service("vault", visible_to=(SRE,)),
    )
    rights = Rights(((Right.ADMIN, (SRE,)),))
    return Catalog(services or usual, Channels(default="#deploys"), rights=rights)


def commit(sha: Sha = SHA_A, title: str = "Add refunds (#12)", author: str = "grace") -> Commit:
    """A commit as the code host tells of it."""
    return Commit(sha, title, author, NOON, NOON, f"https://code.test/commit/{sha}")


def resolution(**changes: Any) -> Resolution:
    """The default branch, three commits ahead of what runs."""
    plain = Resolution(
        repository_id=7,
        ref_kind=RefKind.BRANCH,
        ref_name="main",
        ref_why="the default branch",
        release=commit(),
        dispatch_ref="refs/heads/main",
        workflow_sha=SHA_A,
        base_sha=SHA_C,
        changes=(commit(SHA_B), commit()),
        paths=("src/app.py",),
        compare_url="https://code.test/compare",
    )
    return replace(plain, **changes)


def wish(**changes: Any) -> Wish:
    """Somebody wants api in staging."""
    plain = Wish(Kind.DEPLOY, "api", "staging", None, (("log_level", "info"),), "it fixes checkout")
    return replace(plain, **changes)


def asked(**changes: Any) -> Deployment:
    """A deployment that was asked for and not yet read."""
    plain = Deployment(
        id=DeploymentId("0195f000-0000-7000-8000-000000000001"),
        number=7,
        key=operation_key("slw-7-abcdefghij"),
        workspace=TEAM,
        state=State.REQUESTED,
        wish=wish(),
        origin=Origin.CHAT,
        action=Action.DISPATCH,
        requested_by=actor(LINUS),
        place=Place("C0DEPLOYS1"),
        channel="#api-deploys",
        planned=True,
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(plain, **changes)


def frozen(state: State = State.WAITING, known: Catalog | None = None, **changes: Any) -> Deployment:
    """A deployment whose request stands."""
    found = known or catalog()
    first = asked(state=state, **{"resolution": resolution(), **changes})
    entry, place = found.service(first.wish.service), found.environment("api", first.wish.environment)
    assert entry is not None
    assert place is not None
    assert first.resolution is not None
    request = freeze(first, first.resolution, entry, place, NOON)
    kept = canonical_json(policy_of(entry, place)).decode()
    return replace(first, request=request, digest=request.digest(), policy=kept)


STAGES = (
    Stage("build", RunStatus.SUCCESS, "", "https://code.test/1", NOON, NOON + timedelta(seconds=42)),
    Stage("deploy", RunStatus.RUNNING, "Roll out", "https://code.test/2", NOON + timedelta(seconds=42)),
    Stage("smoke test", RunStatus.QUEUED),
)


def run(status: RunStatus = RunStatus.RUNNING, **changes: Any) -> Run:
    """A run of ours, half way through."""
    ref = RunRef("github", "acme/api", "101")
    url = "https://code.test/runs/101"
    return replace(Run(ref, 1, status, SHA_A, url, "Deploy", status.value, STAGES, NOON), **changes)


def pinned(**changes: Any) -> Pinned:
    """An alert that its source confirmed a minute after it began."""
    summary = "6.9% of the requests to backend fail, 5 % are allowed"
    plain = Pinned("0123456789abcdef", "HighErrorRate", "main", NOON, NOON + timedelta(minutes=1), "0.0694")
    return replace(plain, **{"summary": summary, **changes})


FOLLOWED = frozenset({State.RUNNING, State.VERIFYING, State.CANCELLING, State.SUCCEEDED, State.ROLLED_BACK})
ENDED_RUNS = {
    State.SUCCEEDED: RunStatus.SUCCESS,
    State.FAILED: RunStatus.FAILURE,
    State.CANCELLED: RunStatus.CANCELLED,
    State.ROLLED_BACK: RunStatus.SUCCESS,
    State.VERIFYING: RunStatus.SUCCESS,
}


def in_state(state: State, **changes: Any) -> Deployment:
    """A deployment that looks the way one in this state does."""
    if state is State.REQUESTED:
        return asked(**changes)
    known: dict[str, Any] = {}
    if state in FOLLOWED or state in ENDED_RUNS:
        status = ENDED_RUNS.get(state, RunStatus.RUNNING)
        known |= {"run": run(status), "attempt": Attempt.FOUND, "attempted_at": NOON}
    elif state in (State.DISPATCHING, State.UNKNOWN):
        known |= {"attempt": Attempt.SENT, "attempted_at": NOON}
    if state in ENDS:
        known |= {"ended_at": NOON + timedelta(minutes=3, seconds=5)}
    if state not in (State.SUCCEEDED, State.RUNNING):
        known |= {"note": f"Why it is {state}.", "next_step": "What to do about it."}
    return frozen(state, **(known | changes))
