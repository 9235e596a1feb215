"""What each command answers, from read-only ports alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.archive import HistoryWish, Page, Past, TrailRecord, TrailWish
from bot.core.catalog import Catalog
from bot.core.checks import Checks
from bot.core.code import Commit, Comparison, Repository, ResolvedRef
from bot.core.command import Context, Reply, args_of
from bot.core.due import Due
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.pipelines import AcceptedInput, InputType
from bot.core.ports import CodeHost
from bot.core.records import Deployment
from bot.core.rules import Promotion
from bot.core.standing_ports import Sights
from bot.core.values import DeploymentId, Kind, Person, Place, Sha
from bot.core.verdicts import GateState, Verdict
from bot.core.verifications import Measured
from bot.slack.grammar import Vocabulary, parse
from commands import COMMANDS, deploy, help, promote, state
from commands.run import free
from tests.fakes.chat import FakeChannels, FakeDirectory
from tests.fakes.digests import FakeDigests, FakeHappenings
from tests.fakes.forge import seeded
from tests.fakes.git import HEADS
from tests.fakes.locks import FakeLocks, FakeQuarantines
from tests.fakes.queues import StillClock
from tests.fakes.records import Gone, Records
from tests.fakes.samples import (
    ADA,
    LINUS,
    NOON,
    TEAM,
    actor,
    catalog,
    frozen,
    in_state,
    policy,
    service,
    wish,
)
from tests.fakes.standings import FakeGlances, FakeStandings
from tests.fakes.subscriptions import FakeSubscriptions


class Nothing:
    """The port Archive of a house in which nothing has happened yet."""

    async def history(self, workspace: str, wish: HistoryWish) -> Page[Past]:  # noqa: ARG002
        return Page((), more=False)

    async def trail(self, workspace: str, wish: TrailWish) -> Page[TrailRecord]:  # noqa: ARG002
        return Page((), more=False)

    async def involved(self, workspace: str) -> dict[str, tuple[DeploymentId, ...]]:  # noqa: ARG002
        return {}


def context(
    *rows: Deployment,
    person: Person = LINUS,
    known: Catalog | None = None,
    hosts: dict[str, CodeHost] | None = None,
    deadline: float = 5.0,
    channels: FakeChannels | None = None,
) -> Context:
    return Context(
        workspace=TEAM,
        actor=actor(person),
        person=person,
        place=Place("C0HERE0001"),
        now=NOON,
        catalog=known or catalog(),
        queries=Records(list(rows)),
        releases=Gone(),
        locks=FakeLocks(),
        quarantines=FakeQuarantines(),
        subscriptions=FakeSubscriptions(),
        archive=Nothing(),
        digests=FakeDigests(),
        happenings=FakeHappenings(),
        sights=Sights(FakeStandings(), FakeGlances()),
        directory=FakeDirectory(),
        permalink=lambda _: "",
        code_hosts=hosts if hosts is not None else {"github": seeded(StillClock()).code},
        channels=channels or FakeChannels(),
        commands=COMMANDS,
        deadline=deadline,
    )


def plain(reply: Reply) -> str:
    return reply.text.plain()


async def asked(ctx: Context, *args: Any, **more: Any) -> AskDeployment:
    reply = await deploy.run(ctx, deploy.Arguments(*args, **more))
    (intent,) = reply.intents
    assert isinstance(intent, AskDeployment)
    return intent


async def test_deploy_resolves_what_was_asked_for() -> None:
    intent = await asked(context(), "api", "staging", "v1.0.0", reason="it is time")
    assert intent.resolution is not None
    assert intent.resolution.ref_name == "v1.0.0"
    assert (intent.wish.ref, intent.wish.reason, intent.channel) == ("v1.0.0", "it is time", "#deploys")


async def test_deploy_takes_the_default_branch_and_says_so() -> None:
    reply = await deploy.run(context(), deploy.Arguments("api", "staging"))
    assert "main" in plain(reply)
    assert "the default branch" in plain(reply)


async def test_deploy_takes_what_was_verified_where_it_is_promoted_from() -> None:
    forge = seeded(StillClock())
    first = forge.git.refs["refs/tags/v1.0.0"]
    promoted = service()
    production = replace(
        promoted.environments[1],
        policy=policy(
            promote_from=(Promotion("staging"),), pipeline=promoted.environments[1].policy.pipeline
        ),
    )
    known = catalog(replace(promoted, environments=(promoted.environments[0], production)))
    row = in_state(State.SUCCEEDED)
    assert row.request is not None
    row = replace(row, request=replace(row.request, release_sha=first))
    intent = await asked(context(row, known=known, hosts={"github": forge.code}), "api", "production")
    assert intent.resolution is not None
    assert intent.resolution.release.sha == first
    assert intent.resolution.ref_why == "verified in staging"


async def test_promote_takes_the_very_release_and_says_what_else_is_under_way() -> None:
    forge = seeded(StillClock())
    first = forge.git.refs["refs/tags/v1.0.0"]
    row, moving = in_state(State.SUCCEEDED), frozen(State.RUNNING, number=8, id=DeploymentId("two"))
    assert row.request is not None
    row = replace(row, request=replace(row.request, release_sha=first))
    ctx = context(moving, row, person=ADA, hosts={"github": forge.code})
    reply = await promote.run(ctx, promote.Arguments("api", "staging", "production"))
    (intent,) = reply.intents
    assert isinstance(intent, AskDeployment)
    assert (intent.wish.kind, intent.wish.environment, intent.wish.ref) == (Kind.PROMOTE, "production", first)
    assert intent.resolution is not None
    assert intent.resolution.ref_why == "verified in staging"
    assert "#8 is under way in staging" in plain(reply)


async def test_promote_wants_two_places_and_something_to_take() -> None:
    with pytest.raises(UserError, match="to itself"):
        await promote.run(context(), promote.Arguments("api", "staging", "staging"))
    with pytest.raises(UserError, match="Nothing of api is verified in staging"):
        await promote.run(context(), promote.Arguments("api", "staging", "production"))


@pytest.mark.parametrize(
    "words", ["api from staging to production", "api staging -> production", "api staging production"]
)
def test_promote_reads_the_way_people_write_it(words: str) -> None:
    vocabulary = Vocabulary({"api": ("staging", "production")})
    found = parse(promote.COMMAND, words, vocabulary)
    assert (found.earlier_environment, found.environment) == ("staging", "production")


async def test_a_time_that_leaves_something_to_guess_is_read_back_first() -> None:
    reply = await deploy.run(
        context(person=replace(LINUS, zone="Europe/Helsinki")),
        deploy.Arguments("api", "staging", "v1.0.0", reason="it is time", at="tomorrow 09:00"),
    )
    assert reply.intents == ()
    assert "Tue 3 Mar 2026, 09:00 (Europe/Helsinki), in 19h?" in plain(reply)
    said = reply.in_full.removeprefix("deploy ")
    full = parse(deploy.COMMAND, said, Vocabulary({"api": ("staging",)}))
    intent = await asked(context(), "api", "staging", full.ref, inputs=(), at=full.at, reason=full.reason)
    assert intent.wish.due == Due(NOON + timedelta(hours=19), "Europe/Helsinki")
    assert (intent.wish.ref, intent.wish.reason) == ("v1.0.0", "it is time")


async def test_what_is_scheduled_already_is_not_scheduled_twice() -> None:
    at = "2026-03-03 09:00 UTC"
    intent = await asked(context(), "api", "staging", at=at)
    row = frozen(State.SCHEDULED, wish=intent.wish, number=8)
    with pytest.raises(UserError, match="asked for that already: #8"):
        await asked(context(row), "api", "staging", at=at)
    assert await asked(context(row, person=ADA), "api", "staging", at=at)
    assert await asked(context(row), "api", "staging", at="2026-03-03 10:00 UTC")


async def test_state_lists_what_is_scheduled() -> None:
    due = Due(NOON + timedelta(hours=19), "Europe/Helsinki")
    later = frozen(State.SCHEDULED, number=8, id=DeploymentId("two"), wish=wish(due=due))
    told = await looked(context(later, in_state(State.SUCCEEDED)), "api")
    assert "#8 is scheduled for 2026-03-03 07:00 UTC" in told
    assert "Due on Tue 3 Mar 2026, 09:00 (Europe/Helsinki)" in await looked(context(later), "#8")


async def test_state_tells_what_is_measured() -> None:
    measured = Measured("smoke.yml", said="running", begun_at=NOON, until=NOON)
    told = await looked(context(in_state(State.VERIFYING, verifications=(measured,))), "#7")
    assert "smoke.yml · running · until 2026-03-02 12:00 UTC" in told


async def test_inputs_are_typed_and_defaults_filled_in() -> None:
    typed = (("replicas", "03"), ("skip_smoke", "yes"))
    intent = await asked(context(), "api", "staging", inputs=typed)
    assert intent.wish.inputs == (("log_level", "info"), ("replicas", "3"), ("skip_smoke", "true"))
    with pytest.raises(UserError, match="There is no input `replica`"):
        await asked(context(), "api", "staging", inputs=(("replica", "3"),))


class Slow:
    """A code host that answers in its own time, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def repository(self, repository: str) -> Repository:  # noqa: ARG002
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        raise AssertionError

    async def resolve(self, repository: str, ref: str) -> ResolvedRef:
        raise NotImplementedError

    async def commit(self, repository: str, sha: Sha, *, mergers: bool = False) -> Commit:
        raise NotImplementedError

    async def compare(self, repository: str, base: Sha, head: Sha, *, mergers: bool = False) -> Comparison:
        raise NotImplementedError

    async def reachable(self, repository: str, sha: Sha, branches: Sequence[str]) -> bool:
        raise NotImplementedError

    async def checks(self, repository: str, sha: Sha, names: Collection[str]) -> Checks:
        raise NotImplementedError


@pytest.mark.parametrize("host", [Slow(), Slow(Transient("it is down."))], ids=["slow", "down"])
async def test_a_code_host_that_does_not_answer_leaves_it_unresolved(host: Slow) -> None:
    ctx = context(hosts={"github": host}, deadline=0.01)
    reply = await asyncio.wait_for(deploy.run(ctx, deploy.Arguments("api", "staging")), 5)
    (intent,) = reply.intents
    assert isinstance(intent, AskDeployment)
    assert intent.resolution is None
    assert "does not answer yet" in plain(reply)


async def test_a_code_host_that_refuses_is_told() -> None:
    refusing = Slow(NeedsHuman("GitHub does not accept our token."))
    with pytest.raises(NeedsHuman):
        await asked(context(hosts={"github": refusing}), "api", "staging")
    with pytest.raises(UserError, match="github is not set up"):
        await asked(context(hosts={}), "api", "staging")


async def test_a_reference_that_may_not_go_there_is_refused() -> None:
    forge = seeded(StillClock())
    forge.git.refs[HEADS + "feature"] = forge.git.refs[HEADS + "main"]
    first = service()
    guarded = replace(first.environments[0], policy=policy(refs=("main", "v*")))
    known = catalog(replace(first, environments=(guarded,)))
    with pytest.raises(UserError, match="may not go to staging"):
        await asked(context(known=known, hosts={"github": forge.code}), "api", "staging", "feature")
    with pytest.raises(UserError, match=r"not on any branch|may not go"):
        fork = next(sha for sha, node in forge.git.nodes.items() if node.told.author == "mallory")
        await asked(context(known=known, hosts={"github": forge.code}), "api", "staging", fork)


async def looked(ctx: Context, *args: Any) -> str:
    return plain(await state.run(ctx, state.Arguments(*args)))


async def test_state_shows_the_matrix_of_what_one_may_see() -> None:
    live = in_state(State.SUCCEEDED)
    moving = frozen(State.RUNNING, number=8, id=DeploymentId("two"))
    told = await looked(context(moving, live))
    (row,) = [each for each in told.splitlines() if each.startswith("api · staging")]
    assert "#7 by Linus" in row
    assert "Add refunds (#12)" in row
    assert "#8 is running" in row
    assert "web · preview" in told
    assert "nothing deployed by Slipway yet" in told
    assert "vault" not in told
    assert "vault · staging" in await looked(context(person=ADA))


async def test_state_of_one_service_environment_or_both() -> None:
    assert "web" not in await looked(context(), "api")
    staging = await looked(context(), "staging")
    assert "api · staging" in staging
    assert "web · staging" in staging
    assert "production" not in staging
    both = await looked(context(), "API", "production")
    assert "api · production" in both
    assert "api · staging" not in both


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("apii",), "Did you mean `api`?"),
        (("zzz",), "There are api, preview, production, staging, web."),
        (("vault",), "There is no service or environment called `vault`."),
        (("web", "production"), "There is no `production` of `web`."),
        (("staging", "production"), "There is no `production` of `staging`."),
        (("#9",), "There is no deployment #9."),
        (("9",), "There is no deployment #9."),
    ],
)
async def test_state_of_what_is_not_there(args: tuple[str, ...], says: str) -> None:
    with pytest.raises(UserError) as refused:
        await looked(context(), *args)
    assert says in str(refused.value)
    assert "/state" in refused.value.next


async def test_state_says_when_there_is_nothing_to_see() -> None:
    assert "no service" in await looked(context(known=Catalog()))


@pytest.mark.parametrize("number", ["#7", "7"])
async def test_state_of_one_deployment(number: str) -> None:
    told = await looked(context(in_state(State.FAILED)), number)
    for part in ("#7 api to staging", "@Linus", "because it fixes checkout", "Why it is failed.", "waiting"):
        assert part in told
    assert "https://code.test/runs/101" in told


async def test_state_of_one_that_waits_says_what_each_gate_found() -> None:
    said = (
        Verdict("freeze", GateState.OPEN, "It is not frozen now."),
        Verdict("queue", GateState.WAITING, "#3."),
    )
    assert "It is not frozen now." in await looked(context(in_state(State.WAITING, verdicts=said)), "#7")
    assert "It is not frozen now." not in await looked(context(in_state(State.FAILED, verdicts=said)), "#7")


async def test_state_of_a_hidden_deployment_is_that_of_none() -> None:
    hidden = replace(in_state(State.FAILED), wish=replace(in_state(State.FAILED).wish, service="vault"))
    with pytest.raises(UserError, match="There is no deployment #7"):
        await looked(context(hidden), "#7")
    assert "vault" in await looked(context(hidden, person=ADA), "#7")


async def test_help_lists_every_command() -> None:
    told = plain(await help.run(context(), help.Arguments()))
    for each in COMMANDS:
        assert each.summary in told
        assert help.typed(each) in told


@pytest.mark.parametrize("each", COMMANDS, ids=lambda each: each.name)
async def test_help_explains_each_command_and_alias(each: Any) -> None:
    for name in (each.name, *each.alias):
        told = plain(await help.run(context(), help.Arguments(name)))
        assert each.summary in told
        assert all(example in told for example in each.examples)
        assert all(argument.help in told for argument in args_of(each.arguments).values())


def test_what_the_catalog_fills_in_is_nobodys_to_type_in_other_capitals() -> None:
    declared = [AcceptedInput(name, InputType.STRING) for name in ("Target", "bump")]
    assert [each.name for each in free(declared, ["target"])] == ["bump"]
