"""Approvals that too few people could give are refused when they are asked for, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.playground.github.names import ActName
from bot.playground.slack.seed import ADA, GRACE, LINUS
from integrations.slack.people import ANEW, FRESH
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "approvals.yml"
TOO_FEW = "Too few people could approve api to production."


def groups(house: House, sre: list[str], payments: list[str]) -> None:
    """Who is in which group from now on."""
    found = house.play.slack.world.usergroups
    found["S0SRE00001"].users[:] = sre
    found["S0PAYMENTS"].users[:] = payments


async def test_it_is_refused_with_who_could_and_who_could_not(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        groups(house, [ADA], [LINUS])
        await house.says("linus", "#deploys", "/deploy api production")
        said = await house.answered("linus", TOO_FEW)
        assert "1 approval of payments or sre can't be had. Who could approve: Ada" in said
        assert "Linus" in said.partition("Who could not:")[2]
        assert "who asks for it." in said
        await house.says("linus", "#deploys", "/deploy api production dry-run")
        rehearsed = await house.answered("linus", "Dry run: api to production would be refused (approvals)")
        assert TOO_FEW in rehearsed
        assert await house.deployment() is None
        groups(house, [ADA], [LINUS, GRACE])
        await house.leaps(ANEW.total_seconds())  # for so long one reading serves whoever asks
        await house.says("linus", "#deploys", "/deploy api production")
        await house.card_says("Waiting for 2 approvals")


async def test_what_is_resolved_later_is_looked_at_then(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.act(ActName.OUTAGE, seconds=60)
        await house.says("linus", "#deploys", "/deploy api production")
        await house.answered("linus", "does not answer yet")
        groups(house, [ADA], [LINUS])
        await house.leaps(FRESH.total_seconds())  # so long what is known of the groups is good enough
        ended = await house.ends()
        assert ended.state is State.REFUSED
        assert TOO_FEW in ended.note
        assert house.play.github.dispatches() == []
