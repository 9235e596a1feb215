"""Which teams a person is in: as read some minutes ago at most, and in none where nobody can say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.app import teams
from bot.app.teams import ANEW, FRESH, TeamMemory
from bot.core.errors import Bug, NeedsHuman, Transient
from bot.core.people import AnyOf, GithubTeam, PeopleSet, SlackGroup
from bot.core.readings import COUNTS_FOR
from bot.core.values import Person
from tests.contract.store_support import NOON, HandClock

LEADS, OPS = "acme/Leads", "acme/ops"
PEOPLE = (
    PeopleSet("leads", AnyOf((GithubTeam(LEADS), SlackGroup("leads")))),
    PeopleSet("ops", GithubTeam(OPS)),
)
ANN = Person("U1", "Ann", NOON, login="ann", account_id="7")
DOWN = Transient("GitHub answered with error 502.", system="GitHub")


@dataclass
class Company:
    """The port Teams; `fails` is raised instead of an answer."""

    inside: dict[str, frozenset[str]] = field(
        default_factory=lambda: {LEADS: frozenset({"7"}), OPS: frozenset()}
    )
    asked: list[str] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    held: asyncio.Event | None = None

    async def members(self, team: str) -> frozenset[str]:
        self.asked.append(team)
        if self.held is not None:
            await self.held.wait()
        if team in self.fails:
            raise self.fails[team]
        return self.inside[team]


def memory(company: Company | None, clock: HandClock) -> TeamMemory:
    return TeamMemory(company, lambda: PEOPLE, clock.now)


async def test_a_person_is_in_the_teams_that_list_their_account() -> None:
    company, clock = Company(), HandClock()
    found = await memory(company, clock).with_teams(replace(ANN, observed_at=NOON + timedelta(days=1)))
    assert (found.teams, found.unread_teams) == (frozenset({LEADS}), frozenset())
    assert found.observed_at == clock.now(), "as old as the oldest of what it says"
    assert sorted(company.asked) == [LEADS, OPS]


async def test_nobody_asks_about_somebody_without_an_account() -> None:
    company = Company()
    known = memory(company, HandClock())
    unlinked = replace(ANN, account_id=None, login=None)
    assert await known.with_teams(unlinked, fresh=True) == unlinked
    assert known.remembered(unlinked) == unlinked
    assert company.asked == []


async def test_it_is_remembered_for_minutes_and_read_again_where_a_decision_hangs_on_it() -> None:
    company, clock = Company(), HandClock()
    known = memory(company, clock)
    assert known.remembered(ANN) is None
    await asyncio.gather(*(known.with_teams(ANN) for _ in range(5)))
    assert len(company.asked) == 2, "those who ask at once share a reading"
    company.inside[LEADS] = frozenset()
    clock.move(ANEW.total_seconds())
    assert (await known.with_teams(ANN)).teams == {LEADS}
    remembered = known.remembered(ANN)
    assert remembered is not None
    assert remembered.teams == {LEADS}
    assert (await known.with_teams(ANN, fresh=True)).teams == frozenset()
    clock.move(FRESH.total_seconds())
    assert known.remembered(ANN) is None


@pytest.mark.parametrize("error", [DOWN, NeedsHuman("GitHub refused.", "It says Not Found.")])
async def test_whose_team_can_not_be_read_is_not_in_it_and_it_is_asked_again_soon(error: Exception) -> None:
    company, clock = Company(fails={LEADS: error}), HandClock()
    known = memory(company, clock)
    found = await known.with_teams(ANN)
    assert (found.teams, found.unread_teams) == (frozenset(), frozenset({LEADS}))
    with pytest.raises(type(error)):
        await known.members(LEADS)
    company.fails.clear()
    assert (await known.with_teams(ANN)).unread_teams == {LEADS}, "no storm of calls"
    clock.move(ANEW.total_seconds())
    assert (await known.with_teams(ANN)).teams == {LEADS}
    company.fails[LEADS] = error
    clock.move(ANEW.total_seconds())
    assert (await known.with_teams(ANN, fresh=True)).teams == frozenset(), (
        "what was known before does not count"
    )


async def test_a_mistake_of_our_own_is_no_answer() -> None:
    with pytest.raises(Bug):
        await memory(Company(fails={LEADS: Bug("what")}), HandClock()).with_teams(ANN)


async def test_who_takes_too_long_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "PATIENCE", 0.01)
    found = await memory(Company(held=asyncio.Event()), HandClock()).with_teams(ANN)
    assert (found.teams, found.unread_teams) == (frozenset(), frozenset({LEADS, OPS}))


async def test_without_github_nobody_is_in_any_team() -> None:
    assert (await memory(None, HandClock()).with_teams(ANN)).unread_teams == {LEADS, OPS}


async def test_who_was_in_a_team_within_a_day_was_so_of_late() -> None:
    company, clock = Company(), HandClock()
    known = memory(company, clock)
    await known.with_teams(ANN)
    company.fails = {LEADS: DOWN, OPS: DOWN}
    clock.move(COUNTS_FOR.total_seconds())
    found = await known.with_teams(ANN, fresh=True)
    assert (found.teams, found.unread_teams) == (frozenset(), frozenset({LEADS, OPS}))
    assert (found.teams_of_late, found.of_late) == (frozenset({LEADS}), NOON)
    clock.move(ANEW.total_seconds())
    found = await known.with_teams(ANN, fresh=True)
    assert (found.teams_of_late, found.of_late) == (frozenset(), None), "that was too long ago"
    company.fails = {}
    clock.move(ANEW.total_seconds())
    found = await known.with_teams(ANN, fresh=True)
    assert (found.teams, found.teams_of_late, found.of_late) == (frozenset({LEADS}), frozenset(), None)
