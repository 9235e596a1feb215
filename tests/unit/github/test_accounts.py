"""What an account may do, by its number; whatever is odd about the answer never gives a right."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.errors import NeedsHuman, Transient
from bot.core.identity import Identity, RepositoryRole
from bot.core.linking import Account
from tests.unit.github.wire import Say, Wire, wire

ADA = Account("github", "7", "ada")
REPO = "/repos/acme/api"


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        made.say("GET", Say(404, {"message": "Not Found"}))
        yield made


def user(github: Wire, login: str, permission: object, id: int = 7) -> None:
    github.say("GET /user/7", Say(200, {"id": 7, "login": login}))
    told = {"permission": permission, "role_name": "whatever", "user": {"id": id, "login": login}}
    github.say(f"GET {REPO}/collaborators/{login}/permission", Say(200, told))


async def ask(github: Wire) -> Identity:
    return await github.github.accounts.identity("acme/api", ADA)


@pytest.mark.parametrize("role", RepositoryRole)
async def test_a_role_is_what_github_says(github: Wire, role: RepositoryRole) -> None:
    user(github, "ada", role.name.lower())
    assert await ask(github) == Identity("ada", role)


async def test_a_new_login_is_the_same_account(github: Wire) -> None:
    user(github, "ada-byron", "write")
    user_of_the_old_name = {"permission": "admin", "user": {"id": 8, "login": "ada"}}
    github.say(f"GET {REPO}/collaborators/ada/permission", Say(200, user_of_the_old_name))
    assert await ask(github) == Identity("ada-byron", RepositoryRole.WRITE)


async def test_an_account_that_is_gone_may_nothing(github: Wire) -> None:
    assert await ask(github) == Identity("ada", RepositoryRole.NONE)


async def test_the_role_of_another_account_does_not_count(github: Wire) -> None:
    user(github, "ada", "admin", id=8)
    with pytest.raises(Transient):
        await ask(github)


@pytest.mark.parametrize("permission", ["owner", None, "", ["admin"]])
async def test_a_role_nobody_knows_gives_no_right(github: Wire, permission: object) -> None:
    user(github, "ada", permission)
    with pytest.raises(Transient):
        await ask(github)


async def test_a_repository_that_is_not_shown_is_no_answer(github: Wire) -> None:
    github.say("GET /user/7", Say(200, {"id": 7, "login": "ada"}))
    with pytest.raises(NeedsHuman, match="ada may do"):
        await ask(github)


@pytest.mark.parametrize(("status", "error"), [(503, Transient), (403, NeedsHuman), (401, NeedsHuman)])
async def test_a_refusal_is_no_answer(github: Wire, status: int, error: type[Exception]) -> None:
    github.say("GET /user/7", Say(status, {"message": "no"}))
    with pytest.raises(error):
        await ask(github)
