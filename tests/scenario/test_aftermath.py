"""What follows a rollback, from chat to effect, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.locks import Scope
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.world import work_key
from bot.playground.github.names import ActName
from bot.playground.slack.seed import GRACE, TEAM
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.house import House
from tests.scenario.test_quarantine import commit_at
from tests.scenario.test_rollback import CHANNEL, confirms, deployed

RIGHTS = "rights: {override_quarantine: [sre]}"


async def rolled_back(house: House, *releases: str) -> int:
    """All but the first are taken away again; the number of the rollback."""
    await deployed(house, *releases)
    await house.says("ada", CHANNEL, f"/rollback api production to {releases[0]} because the checkout fails")
    await confirms(house, "ada", "Roll back api in production?")
    number = len(releases) + 1
    await house.reaches(State.SUCCEEDED, number)
    return number


@pytest.mark.parametrize("mended", ["Fixes-Deployment: #3", "Fixes-Deployment: #4", "reverts"])
async def test_the_release_that_left_is_kept_out_and_a_fix_goes(
    database_url: str, tmp_path: Path, mended: str
) -> None:
    """By the number of what was undone, or of what undid it, or by what git writes of a commit that left."""
    async with House(database_url, catalog=with_rule(tmp_path, RIGHTS, PRODUCTION)) as house:
        await rolled_back(house, "v1.3.0", "v1.4.0", "v1.4.1")
        [kept] = await house.app.store.quarantines.held(TEAM)
        bad = commit_at(house, "refs/tags/v1.4.1")
        assert (kept.scope, kept.sha, kept.by) == (Scope("api"), bad, SLIPWAY)
        assert kept.reason == "rolled back by #4: the checkout fails"
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        await house.card_says("is quarantined: api in every environment. Slipway did so at", number=5)
        await house.card_says("rolled back by #4: the checkout fails", number=5)
        await house.says("ada", CHANNEL, "/deploy api production v1.5.0")
        await house.card_says("It is made of v1.4.1", number=6)
        held = await house.deployment(6)
        assert held is not None
        assert "Revert what came with it" in held.next_step
        assert "`/override #6 quarantine because ...`" in held.next_step
        reverts = f"This reverts commit {commit_at(house, 'refs/tags/v1.4.0')}."
        words = reverts if mended == "reverts" else mended
        await house.act(ActName.ADD_COMMIT, repository="api", message=f"Answer at checkout\n\n{words}")
        await house.says("ada", CHANNEL, "/deploy api production main")
        await house.reaches(State.SUCCEEDED, 7)
        await house.says("ada", CHANNEL, "/quarantine")
        assert ", by Slipway since" in await house.answered("ada", "What is quarantined")


async def test_the_card_of_what_was_undone_says_so_and_keeps_its_end(database_url: str) -> None:
    async with House(database_url) as house:
        await rolled_back(house, "v1.4.0", "v1.4.1")
        await house.card_says("deployed. Rolled back by #3.", number=2)
        undone = await house.deployment(2)
        assert undone is not None
        assert (undone.state, undone.undone_by) == (State.SUCCEEDED, 3)
        cards = {each.text[:3]: str(each.blocks) for each in house.cards(CHANNEL)}
        assert "roll_back" not in cards["#2 "]
        assert "roll_back" in cards["#1 "]


async def test_a_failure_is_on_record_until_the_place_has_recovered(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        for number, wanted in ((3, State.FAILED), (4, State.SUCCEEDED)):
            if wanted is State.FAILED:
                await house.act(ActName.FAIL_NEXT, job="deploy")
            await house.says("ada", CHANNEL, "/rollback api production because the checkout fails")
            await confirms(house, "ada", "Roll back api in production?")
            ended = await house.reaches(wanted, number)
            undone = await house.deployment(2)
            assert undone is not None
            [found] = await house.app.store.failures.of(TEAM, "api", "production")
            assert (found.deployment, found.summary) == (undone.id, "the checkout fails")
            assert found.started_at == undone.ended_at
            assert found.ended_at == (ended.ended_at if wanted is State.SUCCEEDED else None)


async def test_another_release_that_is_verified_ends_the_failure_as_well(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.act(ActName.FAIL_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/rollback api production because the checkout fails")
        await confirms(house, "ada", "Roll back api in production?")
        await house.reaches(State.FAILED, 3)
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.SUCCEEDED, 4)
        [found] = await house.app.store.failures.of(TEAM, "api", "production")
        assert found.ended_at is None, "the same release once more mends nothing"
        await house.says("ada", CHANNEL, "/deploy api production v1.5.0")
        fixed = await house.reaches(State.SUCCEEDED, 5)
        [found] = await house.app.store.failures.of(TEAM, "api", "production")
        assert found.ended_at == fixed.ended_at


async def test_the_place_is_held_for_a_while_and_a_fix_goes_all_the_same(
    database_url: str, tmp_path: Path
) -> None:
    async with House(database_url, catalog=with_rule(tmp_path, "rollback: {hold: 30m}", PRODUCTION)) as house:
        await rolled_back(house, "v1.4.0", "v1.4.1")
        await house.says("margaret", CHANNEL, "/deploy api production v1.3.0")
        await house.card_says("Slipway has locked api in production.", number=4)
        await house.card_says("“after rollback #3”", number=4)
        words = "Answer at checkout\n\nFixes-Deployment: #3"
        await house.act(ActName.ADD_COMMIT, repository="api", message=words)
        await house.says("ada", CHANNEL, "/deploy api production main")
        fixed = await house.reaches(State.SUCCEEDED, 5)
        said = next(each.what for each in fixed.verdicts if each.gate == "lock")
        assert said == "It mends the release that was rolled back, so the hold after that does not stop it."
        await house.says("ada", CHANNEL, "/rollback api production to v1.4.0")
        await confirms(house, "ada", "Answer at checkout · #5")  # what runs now
        await house.reaches(State.SUCCEEDED, 6)
        waiting = await house.deployment(4)
        assert waiting is not None
        assert waiting.state is State.WAITING
        await house.leaps(31 * 60)
        await house.reaches(State.SUCCEEDED, 4)


async def test_an_owner_ends_the_hold(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=with_rule(tmp_path, "rollback: {hold: 30m}", PRODUCTION)) as house:
        await rolled_back(house, "v1.4.0", "v1.4.1")
        await house.says("ada", CHANNEL, "/deploy api production v1.3.0")
        await house.card_says("Slipway has locked api in production.", number=4)
        await house.says("margaret", CHANNEL, "/unlock api production")
        await house.answered("margaret", "Why do you break the lock of Slipway?")
        await house.says("grace", CHANNEL, "/unlock api production")  # of payments, who own it
        await house.answered("grace", "Unlocked: api in production")
        await house.reaches(State.SUCCEEDED, 4)


async def test_authors_of_what_left_are_told_once(database_url: str) -> None:
    async with House(database_url) as house:
        account = Account("github", str(house.play.github.world.users["grace"].id), "grace")
        async with house.app.store.units.begin(TEAM, Step.LINK_TURN) as uow:
            await uow.links.put(Link(GRACE, account, uow.now))
        await rolled_back(house, "v1.4.0", "v1.4.1")
        told = await house.replied(CHANNEL, "#3 rollback of api in production: it took these commits away.")
        assert f"'user_id': '{GRACE}'" in str(told.blocks)
        assert str(told.blocks).count("'user_id'") == 1
        for said in ("because the checkout fails", "linus", "Store refunds", "Fixes-Deployment: #2"):
            assert said in str(told.blocks)
        await house.quiet()
        await house.app.stop()
        await house.start_bot()
        back = await house.deployment(3)
        assert back is not None
        await house.app.store.work.want(TEAM, work_key(back.id))
        await house.quiet()
        replies = [each for each in house.play.slack.messages(CHANNEL) if each.is_reply]
        assert len([each for each in replies if "it took these commits away" in each.text]) == 1
        assert len(await house.app.store.quarantines.held(TEAM)) == 1
        assert len(await house.app.store.failures.of(TEAM, "api", "production")) == 1
