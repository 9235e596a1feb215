"""A dry run says what would happen, and nothing does; on both databases."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from bot.playground.github.names import ActName
from bot.store.tables import metadata
from tests.scenario.house import House

APPROVALS = Path(__file__).parent / "approvals.yml"
OF_EVERY_ASK = {"inbox", "outbox"}  # what was said to us, and what we answer
BY_ITSELF = {"marks", "work", "leases"}  # GitHub's listings are looked through, one after the other


async def rows(house: House) -> dict[str, int]:
    """How much is kept in each table, but for the conversation, and what goes on by itself."""
    found: dict[str, int] = {}
    async with house.app.store.database.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in OF_EVERY_ASK | BY_ITSELF:
                counted = await connection.execute(select(func.count()).select_from(table))
                found[table.name] = counted.scalar_one()
    return found


async def test_it_tells_all_that_a_card_would_and_has_no_effect(database_url: str) -> None:
    async with House(database_url, catalog=APPROVALS) as house:
        await house.says("linus", "#deploys", "/slipway help")
        await house.answered("linus", "/deploy")
        await house.quiet()
        before = await rows(house)
        await house.says("linus", "#deploys", "/deploy api production v1.5.0 dry-run because I wonder")
        said = await house.answered("linus", "Dry run: api to production would wait")
        await house.quiet()
        assert await rows(house) == before
        assert await house.deployment() is None
        assert house.cards("#api-deploys") == []
        assert house.play.github.dispatches() == []
        assert {call.method for call in house.play.github.control.journal} == {"GET"}
    assert "approvals" in said
    assert "Waiting for 2 approvals of payments or sre. Can still approve: Ada, Grace, Margaret." in said
    assert "queue" in said
    assert "From `v1.5.0`" in said
    assert "environment=production" in said
    assert "Could approve it: 2 of payments or sre, but not you, who would have asked." in said


async def test_a_scheduled_one_is_judged_as_of_its_time_and_nothing_is_scheduled(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/deploy api staging dry-run at tomorrow 09:00")
        said = await house.answered("linus", "would start then, as things stand")
        assert "queue" not in said
        await house.quiet()
        assert await house.deployment() is None


async def test_it_stands_in_nobodys_way(database_url: str) -> None:
    async with House(database_url, catalog=APPROVALS) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval")
        await house.says("ada", "#deploys", "/deploy api staging dry-run")
        assert "#1" in await house.answered("ada", "Dry run: api to staging would wait")
        await house.press("margaret", "#api-deploys", "approve")
        await house.ends()
        assert await house.deployment(2) is None


async def test_who_may_not_deploy_there_is_told_no_more(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/deploy api production dry-run")
        await house.answered("linus", "You can't")
        assert not [one for one in house.play.slack.ephemerals("linus") if "Dry run" in one.text]


async def test_a_code_host_that_is_down_is_named(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.OUTAGE, seconds=86_400)
        await house.says("linus", "#deploys", "/deploy api staging dry-run")
        await house.answered("linus", "does not answer")
        await house.quiet()
        assert await house.deployment() is None
