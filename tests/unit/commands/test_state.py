"""/state of a service, a branch, a run and a deployment, over a real database and a code host in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.code import RefKind
from bot.core.failures import Failure, FailureSource
from bot.core.following import About, Artifact, RunReading
from bot.core.lifecycle import Trigger
from bot.core.pipelines import Provider as ProviderName
from bot.core.pipelines import Repository
from bot.core.ports import Provider
from bot.core.rules import FixedFreeze, RecurringFreeze
from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.standing_ports import Sights
from bot.core.steps import Step
from bot.core.values import DeploymentId, Place, Sha
from bot.core.verdicts import GateState, Verdict
from bot.core.verifications import Measured, Outcome
from bot.core.votes import Vote, VoteKind
from bot.engine.glancing import Glancing
from bot.slack.deliveries import Incoming
from tests.contract.store_support import TO_RUNNING, TO_SUCCEEDED, follow
from tests.contract.store_support import new as asked
from tests.contract.store_support import resolution as resolved
from tests.databases import Backend
from tests.fakes.git import HEADS, TAGS
from tests.fakes.samples import ADA, NOON, SRE, TEAM, catalog, commit, policy, service
from tests.unit.commands.test_commands import Slow
from tests.unit.slack.room import Room, room
from tests.unit.slack.surfaces import card_stands
from tests.unit.slack.talk import spoken

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)

API = Repository(ProviderName.GITHUB, "acme/api")
REF = RunRef("github", "acme/api", "1234567890")
URL = "https://code.test/acme/api/actions/runs/1234567890"
ABOUT = About("CI", ".github/workflows/ci.yml", "main", "push", "grace", 7, "Add refunds")
STAGES = (Stage("unit", RunStatus.SUCCESS), Stage("e2e", RunStatus.FAILURE, "Start the browser"))
LEFT = (Artifact("report", 12_000),)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


def state(words: str, person: str = "U0LINUS001") -> Incoming:
    return spoken(words, "/state", person)


def hushed(here: Room) -> None:
    """GitHub answers nothing any more."""
    here.forge.down = here.runs.down = True


def later(here: Room, minutes: int) -> None:
    here.clock.time += timedelta(minutes=minutes)


async def deployed(
    here: Room, name: str = "v1.0.0", environment: str = "staging", of: str = "api"
) -> DeploymentId:
    """What this reference names runs there from now on."""
    refs = here.forge.git.refs
    sha = refs.get(TAGS + name) or refs[HEADS + name]
    kind = RefKind.TAG if TAGS + name in refs else RefKind.BRANCH
    release = replace(resolved(), release=commit(Sha(sha)), ref_kind=kind, ref_name=name)
    async with here.store.units.begin(TEAM, Step.RECORD_END) as uow:
        added = await uow.deployments.add(asked(of, environment, place=Place("C0DEPLOYS1")))
        saved = await uow.deployments.save(replace(added, resolution=release))
        await follow(uow, saved, *TO_SUCCEEDED)
    return added.id


def reading(status: RunStatus = RunStatus.FAILURE, attempt: int = 1, about: About = ABOUT) -> RunReading:
    over = status in (RunStatus.SUCCESS, RunStatus.FAILURE)
    ended = NOON + timedelta(minutes=4) if over else None
    run = Run(REF, attempt, status, Sha("a" * 40), URL, "CI", status.value, STAGES, NOON, ended)
    return RunReading(run, replace(about, artifacts=LEFT if over else None), NOON)


async def kept(here: Room, *readings: RunReading) -> None:
    """As it was followed."""
    async with here.store.units.begin(TEAM, Step.FOLLOW_RUN) as uow:
        for each in readings:
            await uow.runs.describe(each, here.clock.now())
            await uow.runs.keep(each, here.clock.now(), [])


async def test_of_a_service_it_says_who_since_when_and_what_is_not_there_yet(here: Room) -> None:
    await deployed(here)
    told = await here.hears(state("api"))
    assert "#1 by Ada, since 2026-03-02 12:00 UTC" in told
    assert "1 commit of main is not there yet: `/changes api staging`" in told
    assert "api · production  nothing deployed by Slipway yet" in told


async def test_with_the_tip_deployed_there_is_nothing_to_list(here: Room) -> None:
    await deployed(here, "main")
    told = await here.hears(state("api staging"))
    assert "Everything of main is there" in told
    assert "/changes" not in told


async def test_what_was_read_before_is_told_with_its_age_while_github_is_silent(here: Room) -> None:
    await deployed(here)
    await here.hears(state("api"))
    later(here, 12)
    hushed(here)
    told = await here.hears(state("api staging"))
    assert "1 commit of main is not there yet: `/changes api staging` (as of 12 minutes ago; GitHub" in told


async def test_what_nobody_ever_read_is_not_made_up(here: Room) -> None:
    await deployed(here)
    hushed(here)
    told = await here.hears(state("api"))
    assert "How far it is behind the default branch is not on record (GitHub does not answer)." in told
    assert "#1 by Ada" in told, "the rest is told"


async def test_of_another_release_the_old_word_is_not_taken(here: Room) -> None:
    await deployed(here)
    await here.hears(state("api"))
    await deployed(here, "main")
    hushed(here)
    assert "How far it is behind main is not on record" in await here.hears(state("api staging"))


async def test_a_code_host_that_hangs_is_not_waited_for(here: Room) -> None:
    await deployed(here)
    forge = here.forge
    provider = Provider(Slow(), forge.pins, forge.ci, forge.doors, runs=here.runs)
    looks = Glancing(
        {"github": provider}, here.store.sightings, here.store.runs, here.clock.now, seconds=0.01
    )
    here.around = replace(here.around, sights=Sights(here.store.standings, looks))
    told = await asyncio.wait_for(here.hears(state("api")), 20)
    assert "GitHub does not answer" in told
    assert "#1 by Ada" in told


async def test_freezes_that_hold_and_that_come(here: Room) -> None:
    holds = FixedFreeze(
        NOON.replace(tzinfo=None), (NOON + timedelta(hours=2)).replace(tzinfo=None), "UTC", "stocktaking"
    )
    comes = RecurringFreeze("0 18 * * FRI", timedelta(hours=8), "UTC", "weekend")
    place = Environment("staging", policy(freezes=(holds, comes)))
    here.knows(catalog(service("api", place)))
    told = await here.hears(state("api"))
    assert "Frozen until 2026-03-02 14:00 UTC: “stocktaking”" in told
    assert "The next freeze begins 2026-03-06 18:00 UTC: “weekend”" in told


async def test_what_is_measured_fails_and_waits(here: Room) -> None:
    id = await deployed(here, "main")
    read = Measured("health", Outcome.PASSED, "200", read_at=NOON - timedelta(hours=3))
    broken = Failure("api", "staging", id, FailureSource.ALERT, "f1", "6.9% of the requests fail", NOON)
    says = Verdict("approvals", GateState.WAITING, "Waiting for one of sre.", left="Can still approve: Ada.")
    opens = Verdict("freeze", GateState.OPEN, "It is not frozen now.")
    async with here.store.units.begin(TEAM, Step.RECORD_END) as uow:
        await uow.deployments.save(replace(await uow.deployments.get(id), verifications=(read,)))
        await uow.failures.begin(broken)
        added = await uow.deployments.add(asked("api", "staging"))
        saved = await uow.deployments.save(replace(added, resolution=resolved(), verdicts=(says, opens)))
        await follow(uow, saved, Trigger.RESOLVE)
    told = await here.hears(state("api staging"))
    assert "health: passed · 200 · 3 hours ago" in told
    assert "Failing since 2026-03-02 12:00 UTC: 6.9% of the requests fail" in told
    assert "#2 waits for" in told
    assert "Waiting for one of sre. Can still approve: Ada." in told
    assert "It is not frozen now." not in told


@pytest.mark.parametrize("words", ["api main", "api branch=main", "api on main"])
async def test_of_a_branch_its_last_commit_runs_and_where_it_is(here: Room, words: str) -> None:
    await deployed(here)
    await deployed(here, "main", "production")
    await kept(here, reading())
    told = await here.hears(state(words))
    assert "api · main · a branch of acme/api" in told
    assert "Add refunds (#12) · grace" in told
    assert "1 commit behind it · #1 by Ada" in told
    assert "its last commit · #2 by Ada" in told
    assert f"CI   failed 2026-03-02 12:04 UTC · run 1234567890 ({URL})" in told
    assert "as of" not in told


async def test_of_a_branch_that_was_seen_before_with_its_age(here: Room) -> None:
    await deployed(here)
    await here.hears(state("api main"))
    await kept(here, reading(RunStatus.RUNNING))
    later(here, 125)
    hushed(here)
    told = await here.hears(state("api main"))
    assert (
        "Add refunds (#12) · grace, 2026-03-02 12:00 UTC (as of 2 hours ago; GitHub does not answer)" in told
    )
    assert "1 commit behind it (as of 2 hours ago; GitHub does not answer)" in told
    assert "Last runs as of 2 hours ago; GitHub does not answer" in told
    assert "running, since 2026-03-02 12:00 UTC · read 2 hours ago" in told


async def test_of_a_branch_what_of_it_is_on_its_way(here: Room) -> None:
    await ours(here)
    assert "On its way: #1 api to staging is running" in await here.hears(state("api main"))
    assert "On its way" not in await here.hears(state("web main"))


async def test_of_a_branch_that_only_the_record_of_runs_knows(here: Room) -> None:
    await deployed(here, "main")
    await kept(here, reading())
    later(here, 3)
    hushed(here)
    told = await here.hears(state("api main"))
    assert "Last commit on which something ran: `aaaaaaa` Add refunds (as of 3 minutes ago" in told
    assert "deployed from it" in told


async def test_of_a_branch_that_nobody_knows(here: Room) -> None:
    assert "There is no environment or branch `productoin` of api." in await here.hears(
        state("api productoin")
    )
    assert "Did you mean `production`?" in "\n".join([each.text.plain() for each in here.answers])
    hushed(here)
    told = await here.hears(state("api feature/x"))
    assert "Nothing is on record of a branch `feature/x` of api." in told
    assert "GitHub does not answer, so nobody can say now whether there is one." in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("api v1.0.0", "`v1.0.0` is no branch but a tag."),
        ("branch=main", "Whose branch is `main`?"),
        ("main", "There is no service or environment called `main`."),
        ("main", "A branch comes after its service: `/state api main`."),
        ("vault main", "There is no service or environment called `vault`."),
        ("api staging main", "`staging` is an environment and `main` a branch."),
        ("web production", "There is no `production` of `web`."),
        ("run", "`run` wants something after it."),
        ("run abc", "`abc` is no run."),
        ("api run 12", "A run is named by itself."),
        ("run 12", "There is no run `12` on record."),
        ("1234567890", "There is no deployment #1234567890. Nor is a run of that number on record."),
        ("#1234567890", "There is no deployment #1234567890."),
        ("https://code.test/acme/other/actions/runs/5", "There is no run 5 in `acme/other`."),
        ("https://code.test/acme/api/actions/runs/5", "There is no run 5 in `acme/api`."),
    ],
)
async def test_what_is_not_there_is_said(here: Room, words: str, says: str) -> None:
    assert says in (await here.hears(state(words))).replace("\n", " ")


@pytest.mark.parametrize(
    "words",
    [
        "1234567890",
        "run 1234567890",
        f"<{URL}>",
        f"run {URL}/job/5?pr=7",
        URL.upper().replace("/ACTIONS/RUNS", "/actions/runs").replace("HTTPS", "https"),
    ],
)
async def test_of_a_run_by_its_number_or_its_link(here: Room, words: str) -> None:
    await kept(here, reading(RunStatus.FAILURE), reading(RunStatus.RUNNING, 2))
    here.runs.attempts["1234567890"] = [reading(), reading(RunStatus.SUCCESS, 2)]
    told = await here.hears(state(words))
    assert f"CI · run 1234567890 ({URL}) of acme/api · attempt 2" in told
    assert "succeeded 2026-03-02 12:04 UTC" in told, "as it is now, not as it is on record"
    assert "On `main` · `aaaaaaa` Add refunds" in told
    assert "Started by grace (push)" in told
    assert "e2e: failed at “Start the browser”" in told
    assert "Left: report (12 kB)" in told
    assert "It is of no deployment." in told
    assert "Attempt 1:  failed" in told


async def test_of_a_run_on_record_with_its_age_while_github_is_silent(here: Room) -> None:
    await kept(here, reading(RunStatus.RUNNING))
    later(here, 12)
    hushed(here)
    told = await here.hears(state("run 1234567890"))
    assert "running, since 2026-03-02 12:00 UTC (as of 12 minutes ago; GitHub does not answer)" in told
    told = await here.hears(state("https://code.test/acme/api/actions/runs/99"))
    assert "Nothing is on record of the run 99 of acme/api, and GitHub does not answer." in told


async def test_of_a_run_that_github_has_deleted_the_record_stays(here: Room) -> None:
    await kept(here, reading())
    told = await here.hears(state("run 1234567890"))
    assert "(as of less than a minute ago; GitHub does not show it any more)" in told


async def test_of_the_attempt_that_the_link_names(here: Room) -> None:
    await kept(here, reading(RunStatus.FAILURE), reading(RunStatus.SUCCESS, 2))
    here.runs.attempts["1234567890"] = [reading(), reading(RunStatus.SUCCESS, 2)]
    assert "CI · run 1234567890" in await here.hears(state(f"{URL}/attempts/1"))
    assert "There is no attempt 3 of the run" in await here.hears(state(f"{URL}/attempts/3"))
    assert "There is no run" in await here.hears(state(URL.replace("code.test", "elsewhere.test")))


async def ours(here: Room, of: str = "api", status: RunStatus = RunStatus.RUNNING) -> None:
    """#1 runs by it."""
    about = replace(ABOUT, path=".github/workflows/deploy.yml", workflow="Deploy")
    await kept(here, reading(RunStatus.RUNNING, about=about))
    async with here.store.units.begin(TEAM, Step.RECORD_RUN) as uow:
        added = await uow.deployments.add(asked(of, "staging"))
        run = replace(reading(status).run, ref=REF)
        saved = await uow.deployments.save(replace(added, resolution=resolved(), run=run))
        await follow(uow, saved, *TO_RUNNING)
    here.runs.attempts["1234567890"] = [reading(RunStatus.SUCCESS, about=about)]


async def test_of_a_run_of_a_deployment_whose_it_is(here: Room) -> None:
    await ours(here)
    assert "It is of #1 api to staging, which is running: `/state #1`" in await here.hears(
        state("run 1234567890")
    )


async def test_what_is_hidden_is_not_there_on_any_way(here: Room) -> None:
    here.knows(
        catalog(
            service("api", visible_to=(SRE,)),
            service("web", repository=Repository(ProviderName.GITHUB, "acme/web")),
        )
    )
    await ours(here)
    ways = ("api main", "#1", "1", "run 1234567890", URL, "api")
    for words in ways:
        told = await here.hears(state(words))
        assert "There is no" in told, words
        assert "refunds" not in told
        assert "There is no" not in await here.hears(state(words, ADA.id)), words


async def test_a_repository_of_hidden_services_is_not_there_while_github_is_silent_either(here: Room) -> None:
    here.knows(catalog(service("api", visible_to=(SRE,))))
    hushed(here)
    link = "https://code.test/acme/api/actions/runs/99"
    assert "There is no run 99" in await here.hears(state(link))
    assert "Nothing is on record of the run 99" in await here.hears(state(link, ADA.id))


async def test_a_run_of_a_hidden_service_is_hidden_in_a_repository_that_others_share(here: Room) -> None:
    await ours(here, "vault")
    assert "There is no run" in await here.hears(state("run 1234567890"))
    assert "There is no run" in await here.hears(state(URL))
    assert "run 1234567890" not in await here.hears(state("api main"))
    assert "run 1234567890" in await here.hears(state("api main", ADA.id))


async def test_of_a_deployment_card_votes_and_stages_as_they_are_now(here: Room) -> None:
    await ours(here)
    await card_stands(here, 1, "1700.1")
    found = await here.deployment()
    assert found is not None
    async with here.store.units.begin(TEAM, Step.RECORD_RUN) as uow:
        row = await uow.deployments.get(found.id)
        await uow.votes.cast(row, Vote(ADA.id, "Ada", VoteKind.APPROVE, "other", NOON, "fine"))
    told = await here.hears(state("#1"))
    assert "Its card (https://chat.test/C0APIDEPLO/1700.1)" in told
    assert "Ada approved it 2026-03-02 12:00 UTC, but what they saw has changed: “fine”" in told
    assert f"The run ({URL}): succeeded" in told
    assert "e2e: failed at “Start the browser”" in told
    later(here, 12)
    hushed(here)
    assert f"The run ({URL}): running (as of 12 minutes ago; GitHub does not answer)" in await here.hears(
        state("#1")
    )


async def test_a_deployment_that_ended_long_ago_asks_nobody(here: Room) -> None:
    await deployed(here)
    hushed(here)
    later(here, 60 * 24 * 300)
    told = await here.hears(state("1"))
    assert "#1 api to staging: succeeded" in told
    assert "does not answer" not in told
