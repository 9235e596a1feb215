"""Who is in a team: everybody, by number, or nobody at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import pytest

from bot.core.errors import NeedsHuman, Transient
from integrations.github.teams import MOST
from tests.unit.github.wire import Say, Wire, wire

PATH = "GET /orgs/acme/teams/leads/members"


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


def users(ids: Iterable[int]) -> list[dict[str, object]]:
    return [{"id": each, "login": f"user-{each}", "type": "User"} for each in ids]


async def test_every_page_is_read(github: Wire) -> None:
    url = github.github.clients._options.base_url
    more = {"Link": f'<{url}/orgs/acme/teams/leads/members?page=2>; rel="next"'}
    github.say(PATH, Say(200, users([7, 8]), more), Say(200, users([9])))
    assert await github.github.teams.members("acme/Leads") == {"7", "8", "9"}
    assert "per_page=100" in github.seen[0][1]


async def test_a_page_that_fails_leaves_nobody(github: Wire) -> None:
    url = github.github.clients._options.base_url
    more = {"Link": f'<{url}/orgs/acme/teams/leads/members?page=2>; rel="next"'}
    github.say(PATH, Say(200, users([7, 8]), more), Say(502, {"message": "no"}))
    with pytest.raises(Transient):
        await github.github.teams.members("acme/leads")


@pytest.mark.parametrize("body", [{"message": "what"}, [{"login": "ada"}], [{"id": "7"}], "<html>"])
async def test_what_is_no_list_of_accounts_is_no_answer(github: Wire, body: object) -> None:
    github.say("GET", Say(200, body))
    with pytest.raises(Transient):
        await github.github.teams.members("acme/leads")


async def test_a_team_that_is_too_large_is_not_read_in_part(github: Wire) -> None:
    github.say(PATH, Say(200, users(range(MOST))))
    assert len(await github.github.teams.members("acme/leads")) == MOST
    github.say(PATH, Say(200, users(range(MOST + 1))))
    with pytest.raises(NeedsHuman, match="nobody counts"):
        await github.github.teams.members("acme/leads")


async def test_a_team_that_is_not_shown_says_what_the_credentials_need(github: Wire) -> None:
    github.say("GET", Say(404, {"message": "Not Found"}))
    with pytest.raises(NeedsHuman, match="the team acme/leads") as refused:
        await github.github.teams.members("acme/leads")
    assert "read:org" in refused.value.next


@pytest.mark.parametrize("team", ["../leads", "acme corp/leads", "leads"])
async def test_a_name_leads_nowhere_else(github: Wire, team: str) -> None:
    github.say("GET", Say(404, {"message": "Not Found"}))
    with pytest.raises(NeedsHuman):
        await github.github.teams.members(team)
