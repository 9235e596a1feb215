"""What may be named, from chat to effect: a name that deceives deploys nothing."""

from __future__ import annotations

from bot.core.lifecycle import State
from bot.playground.control import Fault, FaultKind
from bot.playground.github.company.build import forked_commit
from bot.playground.github.names import ActName, Where
from tests.scenario.house import House

SIDE = "feature/refund-webhooks"


async def test_a_name_of_a_branch_and_a_tag_is_refused_with_both_ways_to_write_it(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.CREATE_TAG, repository="api", tag="main", sha=SIDE)
        await house.says("ada", "#deploys", "/deploy api production main")
        told = await house.answered("ada", "is a branch and a tag")
        assert "refs/heads/main" in told
        assert "refs/tags/main" in told
        assert await house.deployment() is None


async def test_neither_a_tag_beside_main_nor_a_commit_of_a_fork_is_taken(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.CREATE_TAG, repository="api", tag="v9.9.9", sha=SIDE)
        await house.says("ada", "#deploys", "/deploy api production v9.9.9")
        await house.answered("ada", "It is not on main")
        repo = house.play.github.world.repository("acme/api")
        assert repo is not None
        await house.says("ada", "#deploys", f"/deploy api staging {forked_commit(repo)}")
        await house.answered("ada", "It is not on any branch or tag of acme/api itself")
        assert await house.deployment() is None


async def test_a_commit_that_was_forced_off_main_while_it_waited_is_refused(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.ADD_COMMIT, repository="api")
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api production v1.5.0")
        await house.reaches(State.RUNNING)
        await house.says("ada", "#deploys", "/deploy api production main")
        await house.card_says("Waiting for #1", number=2)
        await house.act(ActName.FORCE_PUSH, repository="api")
        await house.act(ActName.FINISH_NOW)
        refused = await house.reaches(State.REFUSED, 2)
        assert "must be on the default branch" in refused.note
        assert len(house.play.github.dispatches()) == 1


async def test_where_it_comes_from_is_closed_while_it_cannot_be_read(database_url: str) -> None:
    async with House(database_url, factor=60) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api production v1.5.0")
        await house.reaches(State.RUNNING)
        await house.says("ada", "#deploys", "/deploy api production main")
        await house.card_says("Waiting for #1", number=2)
        github = house.play.github.control
        github.faults = [Fault(Where.REF, FaultKind.ERROR_503, 1_000_000)]
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED, 1)
        await house.card_says("can't be read where the release comes from", number=2)
        assert len(house.play.github.dispatches()) == 1
        github.faults = []
        await house.reaches(State.SUCCEEDED, 2)
