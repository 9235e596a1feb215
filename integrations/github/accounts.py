"""What a person's own account may do in a repository."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from github import GithubException
from github.Repository import Repository

from bot.core.identity import Identity, RepositoryRole
from bot.core.linking import Account
from integrations.github.clients import Clients
from integrations.github.errors import Call, status_of

# Triage shows as read here and maintain as write; a role of an organisation's own shows as its base.
ROLES = {
    "none": RepositoryRole.NONE,
    "read": RepositoryRole.READ,
    "write": RepositoryRole.WRITE,
    "admin": RepositoryRole.ADMIN,
}


class GitHubAccounts:
    """Implements `Accounts`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def identity(self, repository: str, account: Account) -> Identity:
        """By the account's number: a login that was given up may be somebody else's by now."""
        call = Call(repository, f"read what {account.login} may do", "metadata: read")
        return await self._clients.read(call, lambda repo: _identity(repo, account))


def _identity(repo: Repository, account: Account) -> Identity:
    try:
        user = _get(repo, f"/user/{int(account.user_id)}")
    except GithubException as error:
        if status_of(error) != HTTPStatus.NOT_FOUND:
            raise
        return Identity(account.login)  # the account is gone, and all it might do
    login = str(user["login"])
    told = _get(repo, f"{repo.url}/collaborators/{login}/permission")
    if told["user"]["id"] != int(account.user_id):
        raise ValueError("another account has this login now")  # renamed between the two calls: read again
    return Identity(login, ROLES[told["permission"]])


def _get(repo: Repository, path: str) -> Any:
    return repo.requester.requestJsonAndCheck("GET", path)[1]
