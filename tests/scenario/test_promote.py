"""/promote and the rule behind it, from the words in the chat to what runs, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.values import Kind
from bot.playground.github.names import ActName
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.house import House

CHANNEL = "#api-deploys"


async def test_exactly_what_runs_there_goes_on_whatever_came_since(database_url: str, tmp_path: Path) -> None:
    catalog = with_rule(tmp_path, "promote_from: staging", PRODUCTION)
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", CHANNEL, "/promote api staging -> production")
        await house.answered("ada", "Nothing of api is verified in staging.")
        await house.says("ada", CHANNEL, "/deploy api staging main")
        first = await house.reaches(State.SUCCEEDED)
        await house.act(ActName.ADD_COMMIT, repository="acme/api", branch="main")
        await house.says("ada", CHANNEL, "/deploy api production main")
        refused = await house.reaches(State.REFUSED, 2)
        assert "It was never verified in staging." in refused.note
        await house.says("ada", CHANNEL, "/promote api from staging to production because it is good")
        await house.answered("ada", "verified in staging")
        promoted = await house.reaches(State.SUCCEEDED, 3)
        assert promoted.wish.kind is Kind.PROMOTE
        assert first.request is not None
        assert promoted.request is not None
        assert promoted.request.release_sha == first.request.release_sha
        runs = [call for call in house.play.github.dispatches() if call.happened]
        assert len(runs) == 2
        assert dict(promoted.request.inputs)["version"] == first.request.release_sha


async def test_a_tag_goes_on_by_its_name(database_url: str, tmp_path: Path) -> None:
    catalog = with_rule(tmp_path, "promote_from: staging", PRODUCTION)
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        await house.reaches(State.SUCCEEDED)
        await house.says("ada", CHANNEL, "/promote api staging production")
        promoted = await house.reaches(State.SUCCEEDED, 2)
        assert promoted.resolution is not None
        assert promoted.wish.ref == f"v1.4.1@{promoted.resolution.release.sha}", (
            "so that a button asks for it"
        )
        assert (promoted.resolution.ref_name, promoted.resolution.ref_why) == (
            "v1.4.1",
            "verified in staging",
        )


async def test_a_release_soaks_and_then_goes_on_by_itself(database_url: str, tmp_path: Path) -> None:
    catalog = with_rule(tmp_path, "promote_from: {environment: staging, soak: 2h}", PRODUCTION)
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", CHANNEL, "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.says("ada", CHANNEL, "/promote api from staging to production")
        await house.card_says("It is not in staging for long enough.", number=2)
        assert len(house.play.github.dispatches()) == 1
        house.clock.leap(2 * 3600)
        await house.reaches(State.SUCCEEDED, 2)


async def test_who_may_not_deploy_there_may_not_promote_either(database_url: str, tmp_path: Path) -> None:
    catalog = with_rule(tmp_path, "promote_from: staging", PRODUCTION)
    async with House(database_url, catalog=catalog) as house:
        await house.says("linus", CHANNEL, "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.says("linus", CHANNEL, "/promote api from staging to production")
        await house.answered("linus", "You can't deploy api to production.")
        assert await house.deployment(2) is None


async def test_github_down_at_asking_changes_nothing_of_what_goes_on(
    database_url: str, tmp_path: Path
) -> None:
    catalog = with_rule(tmp_path, "promote_from: staging", PRODUCTION)
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        first = await house.reaches(State.SUCCEEDED)
        await house.act(ActName.OUTAGE, seconds=60)
        await house.says("ada", CHANNEL, "/promote api from staging to production")
        await house.answered("ada", "does not answer yet")
        promoted = await house.reaches(State.SUCCEEDED, 2)
        assert first.request is not None
        assert promoted.request is not None
        assert promoted.request.release_sha == first.request.release_sha
