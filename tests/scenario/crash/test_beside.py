"""What the table can't hold: dying while starting, forms, a database that fails, work that takes long."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.steps import Step
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import Where
from bot.playground.slack.manifest import ManifestFile
from bot.playground.slack.seed import GRACE
from bot.store.database import LEASE
from tests.fakes.website import Website
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import Call, Moment, Point
from tests.scenario.crash.scenes import SMOKED, TAG, WITH_SMOKE, ask, judge, perform, unverified
from tests.scenario.house import MANIFEST, PATIENCE

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
PROBE = Call("Probe", "get")
OPEN_FORM = Call("FormOpener", "open_form")


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
async def test_killed_while_it_starts(database_url: str, moment: Moment) -> None:
    house = FragileHouse(database_url)
    house.switch.arm(Point(Step.HOUSEKEEPING, moment))
    async with house:
        await house.dies()
        await house.lives_on()
        await ask(house, TAG)
        await judge(house, TAG)


@pytest.mark.parametrize("moment", list(Moment))
async def test_killed_while_a_form_opens(database_url: str, moment: Moment) -> None:
    """Afterwards the person has the form, or the button that opens it."""
    async with FragileHouse(database_url) as house:
        slack = house.play.slack
        house.switch.arm(Point(OPEN_FORM, moment))
        asking = asyncio.create_task(slack.command("ada", "#deploys", "/deploy"))
        await house.dies()
        await house.lives_on()
        await asyncio.wait_for(asking, PATIENCE)

        def offered() -> bool:
            return any("Open the form" in str(each.blocks) for each in slack.ephemerals("ada"))

        await slack.until(lambda: bool(slack.opened_views("ada")) or offered(), PATIENCE)
        await house.quiet()
        assert await house.deployment() is None


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
async def test_killed_while_it_is_told_that_a_lock_has_ended(database_url: str, moment: Moment) -> None:
    """Whoever waited for it is told, and only once."""
    async with FragileHouse(database_url) as house:
        await house.says("linus", "#deploys", "/lock staging for 10m because I move the tables")
        await house.answered("linus", "Locked: every service in staging")
        await ask(house, TAG)
        await house.press("grace", TAG.channel, ActionId.TELL_ME)
        await house.answered("grace", "You will be told when api in staging is free.")
        house.switch.arm(Point(Step.TELL_WAITERS, moment))
        house.clock.leap(600)
        await house.dies()
        await house.lives_on()
        told = house.play.slack.world.app_channel(GRACE).messages
        await house.play.slack.until(lambda: bool(told), PATIENCE)
        await judge(house, TAG)
        assert ["It is your turn" in each.text for each in told.values()] == [True]


@pytest.mark.parametrize("moment", list(Moment))
async def test_killed_while_a_smoke_workflow_starts(database_url: str, moment: Moment) -> None:
    """The second that is dispatched: it never runs twice, and where it did not run a person is asked."""
    scene = unverified(SMOKED) if moment is Moment.BEFORE else SMOKED
    async with FragileHouse(database_url, catalog=scene.catalog) as house:
        await perform(house, scene, Point(Call("CiProvider", "trigger"), moment, nth=2))
        await judge(house, scene)


MEASURING = (
    Point(Step.MEASURE_BEFORE, Moment.BEFORE),
    Point(Step.MEASURE_BEFORE, Moment.AFTER),
    Point(PROBE, Moment.DURING),
    Point(PROBE, Moment.AFTER, nth=3),
    Point(Step.VERIFY, Moment.BEFORE, nth=3),
    Point(Step.VERIFY, Moment.AFTER, nth=3),
)


@pytest.mark.parametrize("point", MEASURING, ids=str)
async def test_killed_while_it_is_measured(database_url: str, tmp_path: Path, point: Point) -> None:
    """Nothing but readings is repeated: one, or those in a row where the lease of the dead takes a minute."""
    async with Website() as site:
        catalog = tmp_path / "slipway.yml"
        rule = f'{{http: "{site.url}", passes: 3, private: true}}'
        catalog.write_text(re.sub(r"verify: \[.*\]", f"verify: [{rule}]", WITH_SMOKE.read_text()))
        async with FragileHouse(database_url, catalog=catalog) as house:
            await perform(house, TAG, point)
            await judge(house, TAG)
            found = await house.deployment()
            assert found is not None
            assert (found.verifications[0].passes, found.verifications[0].before) == (3, "")
            assert 4 <= site.asked <= (5 if house.app.store.database.sqlite else 7)


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
async def test_killed_while_a_delivery_is_given_back(database_url: str, moment: Moment) -> None:
    async with FragileHouse(database_url, factor=10) as house:  # whose lease had run out has nothing to give
        house.switch.fail(Step.HANDLE_DELIVERY)
        await perform(house, TAG, Point(Step.GIVE_BACK_DELIVERY, moment))
        await judge(house, TAG)


async def test_a_look_that_takes_long_keeps_its_lease(database_url: str) -> None:
    async with FragileHouse(database_url) as house:
        github = house.play.github.control
        github.faults.append(Fault(Where.RUN, FaultKind.HOLD_BEFORE, 1))
        await ask(house, TAG)
        async with asyncio.timeout(PATIENCE):
            while not github.holding:
                await house.clock.sleep(1)
        fence = await house.fence()
        await house.clock.sleep(LEASE.total_seconds() * 2)
        assert await house.fence() == fence, "it was claimed once more"
        await github.acts["release"]({})
        await judge(house, TAG)


async def test_killed_again_and_again(database_url: str) -> None:
    """One deployment, a death at each of its commits."""
    steps = [Step.HANDLE_DELIVERY, Step.JUDGE_GATES, Step.TAKE_SLOT, Step.MARK_PINNING, Step.RECORD_RUN]
    points = [Point(step, Moment.BEFORE) for step in steps]
    points += [Point(Step.RECORD_END, Moment.BEFORE), Point(Step.UNPIN, Moment.BEFORE)]
    async with FragileHouse(database_url) as house:
        await perform(house, TAG, *points)
        await judge(house, TAG, deaths=len(points))


async def test_a_post_that_nobody_may_look_for_is_repeated_and_marked(
    database_url: str, tmp_path: Path
) -> None:
    async with FragileHouse(database_url) as house:
        lines = MANIFEST.read_text().splitlines(keepends=True)
        narrow = tmp_path / "manifest.yml"
        narrow.write_text("".join(each for each in lines if ":history" not in each))
        house.play.slack.backend.manifest_file = ManifestFile(narrow)
        await perform(house, TAG, Point(Call("Chat", "post"), Moment.DURING))
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        texts = [each.text for each in house.cards("#api-deploys")]
        assert len(texts) == 2
        assert "deployed" in texts[1]
        marks = [
            call for call in house.play.slack.control.calls("chat.postMessage") if "a repeat" in call.body
        ]
        assert len(marks) == 1
        assert len(house.play.github.dispatches()) == 1
