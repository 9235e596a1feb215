"""Tags of our own, which hold a dispatch to one commit: a dispatch takes a name, never a commit."""

from __future__ import annotations

from typing import Any

from github import GithubException
from github.Repository import Repository

from bot.core.errors import NeedsHuman
from bot.core.values import OperationKey, Sha, operation_key, short
from integrations.github import refs
from integrations.github.clients import Clients, send
from integrations.github.errors import Call, message_of, status_of

WRITES_TAGS = "contents: write"


def tag_name(key: OperationKey) -> str:
    """What our tag is called, below `refs/tags/`; ValueError for anything that is no key of ours."""
    return refs.OUR_TAGS + operation_key(key)


class GitHubPins:
    """Implements `Pins`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def create(self, repository: str, key: OperationKey, sha: Sha) -> None:
        await make_tag(self._clients, repository, tag_name(key), sha)

    async def read(self, repository: str, key: OperationKey) -> Sha | None:
        return await _read(self._clients, repository, tag_name(key))

    async def delete(self, repository: str, key: OperationKey) -> None:
        name = tag_name(key)
        call = Call(repository, f"delete the tag {name}", WRITES_TAGS)
        refusal = await self._clients.write(call, lambda repo: _try(repo, "DELETE", f"/git/refs/tags/{name}"))
        if refusal and await self.read(repository, key):
            raise NeedsHuman(
                f"We could not delete the tag {name} in {repository}.",
                f"GitHub says: {refusal}.",
                f"Delete it by hand, and let the rules on tags admit {refs.OUR_TAGS}*.",
            )


async def make_tag(clients: Clients, repository: str, name: str, sha: Sha) -> None:
    """One that stands already is read before it counts: ours at the same commit, else left as it is."""
    body = {"ref": refs.TAGS + name, "sha": sha}
    call = Call(repository, f"create the tag {name}", WRITES_TAGS)
    refusal = await clients.write(call, lambda repo: _try(repo, "POST", "/git/refs", body))
    standing = await _read(clients, repository, name) if refusal else sha
    if standing != sha:
        raise _not_created(repository, name, sha, standing, refusal)


async def _read(clients: Clients, repository: str, name: str) -> Sha | None:
    call = Call(repository, f"read the tag {name}")
    return await clients.read(call, lambda repo: refs.ref_sha(repo, refs.TAGS + name))


def _try(repo: Repository, verb: str, path: str, body: dict[str, Any] | None = None) -> str:
    """Write; what GitHub had against it, where that may mean that the wish is fulfilled already."""
    try:
        send(repo.requester, verb, repo.url + path, body)
    except GithubException as error:
        if status_of(error) in (404, 409, 422):
            return message_of(error) or str(status_of(error))
        raise
    return ""


def _not_created(repository: str, name: str, wanted: Sha, standing: Sha | None, refusal: str) -> NeedsHuman:
    if standing is None:
        names = f"{refs.OUR_TAGS}*" if name.startswith(refs.OUR_TAGS) else "such tags"
        return NeedsHuman(
            f"We could not create the tag {name} at {short(wanted)} in {repository}.",
            f"GitHub says: {refusal}.",
            f"Let the repository's rules on tags admit {names}, and give the token {WRITES_TAGS}.",
        )
    return NeedsHuman(
        f"The tag {name} stands at {short(standing)}, not at {short(wanted)}.",
        f"Somebody else made or moved it in {repository}; only Slipway may make tags with its keys.",
        "Find out who did, delete the tag, and ask for the deployment again.",
    )
