"""Approvals, from the words in the chat to what runs and what does not, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.app.teams import ANEW
from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.steps import Step
from bot.core.votes import VoteKind
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import Where
from bot.playground.slack.seed import GRACE, TEAM
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "approvals.yml"
CHANNEL = "#api-deploys"


async def test_a_second_person_approves_and_it_runs(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api staging because it is Monday")
        await house.card_says("Waiting for 1 approval of sre")
        assert "Can still approve: Ada, Margaret." in str(house.cards(CHANNEL)[0].blocks)
        assert house.play.github.dispatches() == []
        await house.press("ada", CHANNEL, "approve")
        ended = await house.reaches(State.SUCCEEDED)
        assert [(vote.name, vote.kind) for vote in ended.votes] == [("Ada", VoteKind.APPROVE)]
        assert len(house.play.github.dispatches()) == 1
        await house.quiet()


async def test_neither_the_requester_nor_an_outsider_opens_it(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.press("ada", CHANNEL, "approve")
        await house.answered("ada", "You asked for it yourself")
        await house.press("linus", CHANNEL, "approve")
        await house.answered("linus", "you are in none of these")
        waiting = await house.deployment()
        assert waiting is not None
        assert (waiting.state, waiting.votes) == (State.WAITING, ())
        await house.press("margaret", CHANNEL, "approve")
        await house.reaches(State.SUCCEEDED)


async def test_a_rejection_ends_it_with_its_reason(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval")
        await house.says("ada", CHANNEL, "/reject #1 because the migration is not reviewed")
        ended = await house.reaches(State.REJECTED)
        assert ended.note == "Rejected by Ada: the migration is not reviewed"
        assert "U0LINUS001" in str((await house.replied(CHANNEL, "rejected")).blocks)
        await house.says("ada", CHANNEL, "/approve #1")
        await house.answered("ada", "has been decided")
        assert house.play.github.dispatches() == []


async def test_production_wants_two_people_and_its_name(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api production")
        await house.card_says("Waiting for 2 approvals of")
        await house.says("ada", CHANNEL, "/approve #1")
        await house.answered("ada", "wants its name typed")
        await house.says("ada", CHANNEL, "/approve #1 Production")
        await house.card_says("Waiting for 1 approval of")
        await house.says("ada", CHANNEL, "/approve #1 production")
        await house.answered("ada", "approved #1 already")
        await house.says("grace", CHANNEL, "/approve #1 production")
        await house.reaches(State.SUCCEEDED)


async def test_a_vote_taken_back_no_longer_counts(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api production")
        await house.card_says("Waiting for 2 approvals")
        await house.says("ada", CHANNEL, "/approve #1 production")
        await house.card_says("Waiting for 1 approval")
        await house.press("ada", CHANNEL, "take_back")
        await house.card_says("Waiting for 2 approvals")
        await house.says("grace", CHANNEL, "/approve #1 production")
        await house.card_says("Waiting for 1 approval")
        assert house.play.github.dispatches() == []


async def test_nobody_in_time_is_an_end(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval")
        house.clock.leap(timedelta(hours=4).total_seconds())
        ended = await house.reaches(State.EXPIRED)
        assert ended.note == "It was not approved in time."


async def test_a_team_of_the_code_host_approves(database_url: str, tmp_path: Path) -> None:
    by_team = tmp_path / "slipway.yml"
    by_team.write_text(CATALOG.read_text().replace("{slack_group: sre}", "{github_team: acme/payments}"))
    async with House(database_url, catalog=by_team) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.press("grace", CHANNEL, "approve")
        await house.answered("grace", "nobody knows yours: link it with")
        account = Account("github", str(house.play.github.world.users["grace"].id), "grace")
        async with house.app.store.units.begin(TEAM, Step.LINK_TURN) as uow:
            await uow.links.put(Link(GRACE, account, uow.now))
        house.play.github.control.faults.append(Fault(Where.TEAM_MEMBERS, FaultKind.ERROR_502, 3))
        await house.press("grace", CHANNEL, "approve")
        await house.answered("grace", "acme/payments can't be read now")
        await house.leaps(ANEW.total_seconds())
        await house.press("grace", CHANNEL, "approve")
        ended = await house.reaches(State.SUCCEEDED)
        assert [vote.person for vote in ended.votes] == [GRACE]
        house.play.github.world.teams["payments"].members.remove("grace")
        await house.leaps(ANEW.total_seconds())
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.press("grace", CHANNEL, "approve", 2)
        await house.answered("grace", "you are in none of these.")
