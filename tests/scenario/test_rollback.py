"""/rollback, from the words in the chat to what runs again, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.archive import Extent, TrailWish
from bot.core.drills import PROVEN_FOR
from bot.core.lifecycle import State, Trigger
from bot.core.values import Kind
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import ADA, GRACE, LINUS, MARGARET, TEAM
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.house import House

CHANNEL = "#api-deploys"
OWN_WORKFLOW = (
    'rollback: {workflow: rollback.yml, inputs: {environment: "{environment}", target_version: "{version}"}}'
)


async def deployed(house: House, *releases: str, environment: str = "production") -> None:
    """One after the other, each to its good end."""
    for number, release in enumerate(releases, 1):
        await house.says("ada", CHANNEL, f"/deploy api {environment} {release}")
        await house.reaches(State.SUCCEEDED, number)


async def confirms(house: House, person: str, seen: str) -> None:
    """Press the button below what would come back."""
    await house.answered(person, seen)
    shown = next(each for each in house.play.slack.ephemerals(person) if seen in each.text)
    done = await house.play.slack.click(person, shown, "say_in_full")
    assert done["ok"], done


async def test_what_ran_well_before_comes_back(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("ada", CHANNEL, "/rollback api production because the checkout fails")
        preview = await house.answered("ada", "Roll back api in production?")
        assert "v1.4.1" in preview
        assert "v1.4.0" in preview
        assert "Answer 404 for unknown orders" in preview, "whatever leaves is named"
        assert "It would start at once." in preview
        assert await house.deployment(3) is None, "nothing happens before it is confirmed"
        await confirms(house, "ada", "Roll back api in production?")
        back = await house.reaches(State.SUCCEEDED, 3)
        first, second = await house.deployment(1), await house.deployment(2)
        assert first is not None
        assert second is not None
        assert (back.wish.kind, back.undoes, back.release_sha) == (
            Kind.ROLLBACK,
            second.id,
            first.release_sha,
        )
        assert back.wish.reason == "the checkout fails"
        assert back.run is not None
        assert back.run.head_sha == first.release_sha
        await house.card_says("rollback of api in production: rolled back", number=3)
        live = await house.app.store.queries.live(back.workspace, "api", "production")
        assert live is not None
        assert live.deployment.number == 3


async def test_going_back_twice_never_leads_to_the_bad_release(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.3.0", "v1.4.0", "v1.4.1")
        for number, tag in ((4, "v1.4.0"), (5, "v1.3.0")):
            await house.says("ada", CHANNEL, "/rollback api production")
            await confirms(house, "ada", f"Comes back: `{tag}`")
            await house.reaches(State.SUCCEEDED, number)
        await house.says("ada", CHANNEL, "/rollback api production")
        told = await house.answered("ada", "There is nothing to go back to for api in production.")
        assert "v1.4.1" in told
        assert "it was left for an older release" in told


async def test_its_own_workflow_runs_from_the_default_branch(database_url: str, tmp_path: Path) -> None:
    catalog = with_rule(tmp_path, OWN_WORKFLOW, PRODUCTION)
    async with House(database_url, catalog=catalog) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("ada", CHANNEL, "/rollback api production to v1.4.0")
        await confirms(house, "ada", "Roll back api in production?")
        back = await house.reaches(State.SUCCEEDED, 3)
        assert back.request is not None
        assert back.request.workflow == "rollback.yml"
        assert dict(back.request.inputs) == {"environment": "production", "target_version": "v1.4.0"}
        repository = house.play.github.world.repository("acme/api")
        assert repository is not None
        assert back.request.workflow_sha == repository.git.refs["refs/heads/main"]
        assert back.run is not None
        assert back.run.head_sha == back.request.workflow_sha
        await house.quiet()
        assert house.tags_of_ours("acme/api") == []


async def test_what_can_not_come_back_is_said_with_what_can(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("ada", CHANNEL, "/rollback api production to v9.9.9")
        told = await house.answered("ada", "api in production can't go back to v9.9.9.")
        assert "No deployment of it that Slipway knows of got there." in told
        assert "It can go back to v1.4.0" in told
        await house.says("ada", CHANNEL, "/rollback api production to #2")
        assert "it is what runs there" in await house.answered("ada", "can't go back to #2.")
        await house.says("ada", CHANNEL, "/rollback api staging")
        told = await house.answered("ada", "There is nothing to go back to for api in staging.")
        assert "Slipway has deployed nothing there yet." in told
        await house.says("gus", "#deploys", "/rollback api production")
        await house.answered("gus", "You can't roll back api in production.")


async def test_what_failed_back_then_is_no_choice_and_what_failed_now_leaves(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.3.0", "v1.4.0")
        for number, tag in ((3, "v1.4.1"), (4, "v1.5.0")):
            await house.act(ActName.FAIL_NEXT, job="deploy")
            await house.says("ada", CHANNEL, f"/deploy api production {tag}")
            await house.reaches(State.FAILED, number)
        await house.says("ada", CHANNEL, "/rollback api production to v1.4.1")
        assert "it failed there" in await house.answered("ada", "can't go back to v1.4.1.")
        await house.says("ada", CHANNEL, "/rollback api production")
        preview = await house.answered("ada", "Roll back api in production?")
        assert "#4 (v1.5.0" in preview
        assert "A part of it may run." in preview
        assert "Comes back: `v1.4.0`" in preview, (
            "the last that was verified, although it is on record as live"
        )
        await confirms(house, "ada", "Roll back api in production?")
        back = await house.reaches(State.SUCCEEDED, 5)
        fourth = await house.deployment(4)
        assert fourth is not None
        assert back.undoes == fourth.id


async def test_what_is_under_way_is_stopped_first(database_url: str) -> None:
    async with House(database_url, stages=True) as house:
        await deployed(house, "v1.4.0")
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.RUNNING, 2)
        await house.says("ada", CHANNEL, "/rollback api production")
        await confirms(house, "ada", "#2 is under way there.")
        await house.reaches(State.CANCELLED, 2)
        back = await house.reaches(State.SUCCEEDED, 3)
        first = await house.deployment(1)
        assert first is not None
        assert back.release_sha == first.release_sha
        await house.answered("ada", "It is #3")
        place = Extent(frozenset({("api", "production")}), elsewhere=False)
        wanted = TrailWish(place, deployment=3, event="DeploymentAsked"), TrailWish(place, deployment=2)
        (asked,), moves = [(await house.app.store.archive.trail(TEAM, each)).rows for each in wanted]
        [stopped] = [each for each in moves if each.facts.get("trigger") == Trigger.CANCEL]
        assert asked.seq < stopped.seq, "a number is taken before another row is held, as everywhere"


async def test_what_came_meanwhile_is_not_taken_away(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.3.0", "v1.4.0")
        await house.says("ada", CHANNEL, "/rollback api production")
        await house.answered("ada", "Roll back api in production?")
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.SUCCEEDED, 3)
        await confirms(house, "ada", "Roll back api in production?")
        told = await house.answered("ada", "#2 is not what runs in production now: that is #3.")
        assert "Nothing was done." in told
        assert await house.deployment(4) is None


async def test_two_who_confirm_roll_back_once(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.3.0", "v1.4.0")
        await house.says("margaret", CHANNEL, "/lock api production for 1h because we look")
        await house.answered("margaret", "Locked: api in production")
        await house.says("ada", CHANNEL, "/rollback api production")
        await confirms(house, "ada", "Roll back api in production?")
        await confirms(house, "ada", "Roll back api in production?")
        await house.answered("ada", "is being rolled back already: #3")
        await house.says("margaret", CHANNEL, "/unlock api production")
        await house.reaches(State.SUCCEEDED, 3)
        assert await house.deployment(4) is None


async def test_github_down_at_three_in_the_morning(database_url: str) -> None:
    """What is known here is shown, what was confirmed is kept, and it runs as soon as GitHub is back."""
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.act(ActName.OUTAGE, seconds=60)
        await house.says("ada", CHANNEL, "/rollback api production")
        preview = await house.answered("ada", "Roll back api in production?")
        assert "The code host does not answer. By our own record these leave:" in preview
        assert "Answer 404 for unknown orders" in preview
        await confirms(house, "ada", "Roll back api in production?")
        await house.answered("ada", "it goes on when it does")
        back = await house.reaches(State.SUCCEEDED, 3)
        first = await house.deployment(1)
        assert first is not None
        assert back.release_sha == first.release_sha


async def test_an_answer_that_never_came_asks_the_owners_too_and_nothing_moves(database_url: str) -> None:
    async with House(database_url, factor=60) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        house.play.github.control.faults.append(Fault(Where.DISPATCH, FaultKind.DROP, 1))
        await house.says("ada", CHANNEL, "/rollback api production")
        await confirms(house, "ada", "Roll back api in production?")
        await house.reaches(State.UNKNOWN, 3)
        asks = str((await house.replied(CHANNEL, "nobody knows whether it was rolled back")).blocks)
        rung = {person for person in (ADA, GRACE, LINUS, MARGARET) if f"'user_id': '{person}'" in asks}
        assert rung == {ADA, GRACE, LINUS}, "who asked, and those of payments, who own it"
        await house.says("ada", CHANNEL, "/deploy api production v1.5.0")
        await house.card_says("Waiting for #3", number=4)
        await house.press("margaret", CHANNEL, "look_again", 3)
        await house.leaps(3600)
        await house.reaches(State.UNKNOWN, 3)
        assert len(house.play.github.dispatches()) == 2, "nothing moves before somebody answers"
        await house.press("grace", CHANNEL, "it_ran", 3)
        back = await house.reaches(State.SUCCEEDED, 3)
        assert back.run is None
        await house.card_says("which is quarantined", number=4)
        await house.press("ada", CHANNEL, "cancel", 4)
        await house.quiet()
        assert len(house.play.github.dispatches()) == 2
        assert house.tags_of_ours("acme/api") == []


async def test_a_drill_walks_the_way_without_going_it(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        releases, since = house.app.store.releases, house.clock.now() - PROVEN_FOR
        assert not await releases.proven(TEAM, "api", "production", since)
        before = len(house.play.github.dispatches())
        await house.says("ada", CHANNEL, "/rollback api production drill")
        told = await house.answered("ada", "Drill: api in production back to v1.4.0")
        assert "Nothing was started, and nothing was changed." in told
        assert "deploy.yml" in told
        assert "It would start at once. The way back counts as proven for 30 days." in told
        assert "It would take about" in told
        assert await releases.proven(TEAM, "api", "production", since)
        assert not await releases.proven(TEAM, "api", "staging", since)
        assert not await releases.proven(TEAM, "api", "production", house.clock.now() + PROVEN_FOR)
        assert len(house.play.github.dispatches()) == before
        assert await house.deployment(3) is None


async def test_a_drill_that_would_wait_proves_nothing(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("margaret", CHANNEL, "/lock api production for 1h because we look")
        await house.answered("margaret", "Locked: api in production")
        await house.says("ada", CHANNEL, "/rollback api production drill")
        told = await house.answered("ada", "So the way back is not proven.")
        assert "Margaret has locked api in production." in told
        since = house.clock.now() - PROVEN_FOR
        assert not await house.app.store.releases.proven(TEAM, "api", "production", since)
        await house.says("margaret", CHANNEL, "/unlock api production")
        await house.answered("margaret", "Unlocked: api in production.")
        await house.says("ada", CHANNEL, "/rollback api production")
        await confirms(house, "ada", "Roll back api in production?")
        await house.reaches(State.SUCCEEDED, 3)
        assert await house.app.store.releases.proven(TEAM, "api", "production", since), "it was gone"
