"""Verification, from chat to the end: a service that works, that does not, and that nobody can tell of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.core.actions import ActionId
from bot.core.archive import Extent, TrailWish
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.verifications import Outcome
from bot.playground.github.names import ActName
from bot.playground.slack.seed import TEAM
from bot.playground.slack.world import Message
from tests.fakes.prometheus import PrometheusStandIn
from tests.fakes.website import Says, Website, broken, fine
from tests.scenario.catalogs import VERIFIED
from tests.scenario.house import PATIENCE, House

CHANNEL = "#deploys"
HEALTH = '{{http: "{url}", passes: 3, within: 2m, private: true{more}}}'
ERRORS = "{prometheus: main, query: errors, below: 0.05, for: 1m}"
SMOKE = '{workflow: smoke.yml, inputs: {environment: "{environment}"}}'


@asynccontextmanager
async def house_of(
    database_url: str, folder: Path, rules: str, source: str = "http://127.0.0.1:1"
) -> AsyncIterator[House]:
    catalog = folder / "slipway.yml"
    catalog.write_text(VERIFIED.format(source=source, rules=rules))
    async with House(database_url, catalog=catalog) as house:
        yield house


def health(site: Website, more: str = "") -> str:
    return HEALTH.format(url=site.url, more=more)


async def deploys(house: House) -> None:
    await house.says("ada", CHANNEL, "/deploy api staging")


async def trail(house: House) -> list[tuple[str, str]]:
    """What happened, and by whom."""
    wanted = TrailWish(Extent(frozenset({("api", "staging")}), elsewhere=True), deployment=1)
    page = await house.app.store.archive.trail(TEAM, wanted)
    return [(each.event, each.actor.name) for each in reversed(page.rows)]


async def ends_with(
    database_url: str, folder: Path, says: Says, more: str = "", within: str = "2m"
) -> Deployment:
    """It works until it is deployed, and then answers so."""
    async with Website() as site:
        rule = health(site, more).replace("within: 2m", f"within: {within}")
        async with house_of(database_url, folder, rule) as house:
            return await _ends_with(house, site, says)


async def _ends_with(house: House, site: Website, says: Says) -> Deployment:
    await house.act(ActName.HOLD_NEXT, job="deploy")
    await deploys(house)
    await house.reaches(State.RUNNING)
    site.says, site.asked = says, 0
    await house.act(ActName.FINISH_NOW)
    found = await house.ends()
    await house.quiet()
    (card,) = house.cards(CHANNEL)
    assert "Verification" in str(card.blocks)
    return found


async def test_a_service_that_answers_is_deployed(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, house_of(database_url, tmp_path, health(site)) as house:
        await deploys(house)
        await house.card_says("deployed", CHANNEL)
        assert site.asked == 1 + 3, "once before it started, and three times in a row afterwards"
        (card,) = house.cards(CHANNEL)
        assert "3 of 3 in a row" in str(card.blocks)


async def test_five_hundred_then_fine_is_deployed(database_url: str, tmp_path: Path) -> None:
    done = await ends_with(
        database_url, tmp_path, lambda turn: broken(turn) if turn in (1, 2, 4) else fine(turn)
    )
    assert done.state is State.SUCCEEDED


def version(said: str) -> Says:
    return lambda _: web.Response(text="ok", headers={"X-Version": said})


FAULTS: dict[str, tuple[Says, str, str]] = {
    "broken": (broken, "", "answered 503, 200 was wanted; never 3 times in a row right within 40s"),
    "flapping": (lambda turn: broken(turn) if turn % 3 == 0 else fine(turn), "", "never 3 times in a row"),
    "wrong version": (version("v0.9.0"), ", version_header: X-Version", "X-Version says v0.9.0, "),
    "no version": (fine, ", version_header: X-Version", "has no X-Version"),
    "redirect to a private address": (
        lambda _: web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"}),
        "",
        "points to 169.254.169.254. Redirects are not followed.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_service_that_does_not_work_has_failed(database_url: str, tmp_path: Path, fault: str) -> None:
    says, more, why = FAULTS[fault]
    failed = await ends_with(database_url, tmp_path, says, more, within="40s")
    assert failed.state is State.FAILED
    assert why in failed.note


async def test_a_service_that_is_gone_has_failed(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, house_of(database_url, tmp_path, health(site)) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await deploys(house)
        await house.reaches(State.RUNNING)
        await site.goes_down()
        await house.act(ActName.FINISH_NOW)
        failed = await house.ends()
        assert failed.state is State.FAILED
        assert "can't be reached" in failed.note
        await house.replied(CHANNEL, "failed")


async def test_a_service_that_is_slow_is_no_success(database_url: str, tmp_path: Path) -> None:
    """It is not waited for any longer than the rule gives it at all."""
    async with Website() as site:
        rule = f'{{http: "{site.url}", within: 1s, private: true}}'
        async with house_of(database_url, tmp_path, rule) as house:
            await house.act(ActName.HOLD_NEXT, job="deploy")
            await deploys(house)
            await house.reaches(State.RUNNING)
            site.stuck = True
            await house.act(ActName.FINISH_NOW)
            failed = await house.ends()
            assert failed.state is State.FAILED
            assert "did not answer within 1s; never right within 1s" in failed.note


async def test_what_was_wrong_before_asks_a_person_who_says_so(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, house_of(database_url, tmp_path, health(site)) as house:
        site.says = broken
        await deploys(house)
        await house.replied(CHANNEL, "nobody can tell whether it works")
        await house.card_says("It was wrong already right before the start", CHANNEL)
        await house.says("linus", CHANNEL, "/deploy api staging")
        await house.answered("linus", "You can't deploy api to staging")
        await house.press("linus", CHANNEL, ActionId.IT_WORKS)
        await house.answered("linus", "You can't settle api to staging")
        await house.press("ada", CHANNEL, ActionId.IT_WORKS)
        done = await house.reaches(State.SUCCEEDED)
        assert "Ada says that it works." in done.note
        happened = await trail(house)
        assert [event for event, _ in happened].count("WrongBefore") == 1
        assert ("VerificationSettled", "Ada") in happened


async def test_measured_again_after_it_was_mended(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, house_of(database_url, tmp_path, health(site)) as house:
        site.says = broken
        await deploys(house)
        await house.replied(CHANNEL, "nobody can tell whether it works")
        site.says = fine
        await house.press("ada", CHANNEL, ActionId.MEASURE_AGAIN)
        await house.reaches(State.SUCCEEDED)


async def test_a_closed_network_is_not_asked_and_a_person_says_no(database_url: str, tmp_path: Path) -> None:
    async with Website() as site:
        rules = f'{{http: "{site.url.replace("127.0.0.1", "localhost")}"}}'
        async with house_of(database_url, tmp_path, rules) as house:
            await deploys(house)
            await house.card_says("in a closed network", CHANNEL)
            await house.press("ada", CHANNEL, ActionId.IT_DOES_NOT_WORK)
            failed = await house.reaches(State.FAILED)
            assert "Ada says that it does not work." in failed.note
            assert site.asked == 0


async def test_a_query_that_stays_right(database_url: str, tmp_path: Path) -> None:
    async with PrometheusStandIn() as source, house_of(database_url, tmp_path, ERRORS, source.url) as house:
        await source.show("errors", {"west": "0.01"})
        await deploys(house)
        done = await house.ends()
        assert done.state is State.SUCCEEDED
        assert done.verifications[0].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("series", "state", "why"),
    [
        ({"west": "0.12"}, State.FAILED, "errors below 0.05 for 1m: 0.12, below 0.05 was wanted."),
        ({}, State.VERIFYING, "It can't be said whether it works."),
        ({"west": "NaN"}, State.VERIFYING, "It can't be said whether it works."),
        ({"west": "0.01", "east": "0.01"}, State.VERIFYING, "It can't be said whether it works."),
    ],
    ids=["wrong", "empty vector", "NaN", "several series"],
)
async def test_a_query_that_is_wrong_or_says_nothing(
    database_url: str, tmp_path: Path, series: dict[str, str], state: State, why: str
) -> None:
    async with PrometheusStandIn() as source, house_of(database_url, tmp_path, ERRORS, source.url) as house:
        await source.show("errors", {"west": "0.01"})
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await deploys(house)
        await house.reaches(State.RUNNING)
        await source.show("errors", series)
        await house.act(ActName.FINISH_NOW)
        found = await house.sees(lambda each: why in each.note)
        assert found.state is state


async def test_a_prometheus_that_is_not_there_is_no_success(database_url: str, tmp_path: Path) -> None:
    async with house_of(database_url, tmp_path, ERRORS) as house:
        await deploys(house)
        await house.replied(CHANNEL, "nobody can tell whether it works")
        asking = await house.reaches(State.VERIFYING)
        assert "can" in asking.note


@pytest.mark.parametrize(("fails", "state"), [(False, State.SUCCEEDED), (True, State.FAILED)])
async def test_a_smoke_workflow(database_url: str, tmp_path: Path, fails: bool, state: State) -> None:
    async with house_of(database_url, tmp_path, SMOKE) as house:
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.0")
        await house.reaches(State.SUCCEEDED)
        if fails:
            await house.act(ActName.FAIL_NEXT, job="smoke", workflow="smoke.yml")
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        assert (await house.ends(2)).state is state
        await house.quiet()
        assert len(house.play.github.dispatches()) == 4
        assert house.tags_of_ours("acme/api") == []


async def test_a_smoke_workflow_that_never_passed_there_asks_a_person(
    database_url: str, tmp_path: Path
) -> None:
    rules = f"{SMOKE}]\n        rollback: {{automatic: true}}\n        checks: ["
    async with house_of(database_url, tmp_path, rules) as house:
        await house.act(ActName.FAIL_NEXT, job="smoke", workflow="smoke.yml")
        await deploys(house)
        await house.card_says("whether that is new: nothing is on record of it here.", CHANNEL)
        await house.press("ada", CHANNEL, ActionId.IT_WORKS)
        await house.reaches(State.SUCCEEDED)
        await house.act(ActName.FAIL_NEXT, job="smoke", workflow="smoke.yml")
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        await house.card_says("nobody could tell with #1 either.", CHANNEL, 2)
        await house.press("ada", CHANNEL, ActionId.IT_DOES_NOT_WORK, 2)
        await house.reaches(State.FAILED, 2)
        assert await house.deployment(3) is None, "nothing goes back by itself"


async def test_going_back_waits_for_no_verification(database_url: str, tmp_path: Path) -> None:
    """What came last does not work, and nobody has said so yet: it leaves all the same."""
    async with Website() as site, house_of(database_url, tmp_path, health(site)) as house:
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.0")
        await house.reaches(State.SUCCEEDED, 1)
        site.says = broken
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        await house.replied(CHANNEL, "nobody can tell whether it works")
        await house.says("ada", CHANNEL, "/rollback api staging")
        told = await house.answered("ada", "Roll back api in staging?")
        assert "Nobody waits for its verification then." in told
        shown = next(each for each in house.play.slack.ephemerals("ada") if "Roll back" in each.text)
        site.says = fine
        done = await house.play.slack.click("ada", shown, "say_in_full")
        assert done["ok"], done
        left = await house.reaches(State.FAILED, 2)
        assert left.note == "Ada goes back before it was verified."
        back = await house.reaches(State.SUCCEEDED, 3)
        assert back.verifications[0].outcome is Outcome.PASSED


async def test_going_further_back_waits_for_no_verification_either(database_url: str, tmp_path: Path) -> None:
    """What came back does not help, and it would take an hour until that is certain."""
    async with Website() as site:
        rules = health(site).replace("within: 2m", "within: 1h")
        async with house_of(database_url, tmp_path, rules) as house:
            for number, release in enumerate(("v1.3.0", "v1.4.0", "v1.4.1"), 1):
                await house.says("ada", CHANNEL, f"/deploy api staging {release}")
                await house.reaches(State.SUCCEEDED, number)
            site.says = broken
            await goes_back(house, "/rollback api staging")
            await house.reaches(State.VERIFYING, 4)
            await house.says("ada", CHANNEL, "/rollback api staging")
            told = await house.answered("ada", "is being rolled back already: #4")
            assert "`/rollback api staging to ...`" in told
            await goes_back(house, "/rollback api staging to #1")
            left = await house.reaches(State.FAILED, 4)
            assert left.note == "Ada goes back before it was verified."
            site.says = fine
            back = await house.reaches(State.SUCCEEDED, 5)
            first = await house.reaches(State.SUCCEEDED, 1)
            assert back.release_sha == first.release_sha


async def goes_back(house: House, words: str) -> None:
    """Ada asks for it, and presses the button of what she is shown then."""

    def previews() -> list[Message]:
        return [each for each in house.play.slack.ephemerals("ada") if "Roll back api" in each.text]

    before = len(previews())
    await house.says("ada", CHANNEL, words)
    await house.play.slack.until(lambda: len(previews()) > before, PATIENCE)
    done = await house.play.slack.click("ada", previews()[-1], "say_in_full")
    assert done["ok"], done
