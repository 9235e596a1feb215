"""GitHub's memory of what it delivered: of our App, or of the webhooks on the catalog's repositories."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from github import GithubException
from github.Repository import Repository
from github.Requester import Requester

from bot.core.errors import NeedsHuman, SlipwayError
from bot.core.findings import Finding, ok, warn
from bot.core.redelivery import Tried, Webhook
from integrations.github.clients import PAGE, Clients, send
from integrations.github.errors import Call, status_of
from integrations.github.webhooks import is_heeded

READS = "webhooks: write"
PAGES = 20  # of a hundred; three days of a busy organisation may have more, and the newest count most
APP = "/app/hook"
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


class GitHubDeliveries:
    """Implements `Deliveries`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def webhooks(self, repositories: Sequence[str], address: str) -> tuple[Webhook, ...]:
        if self._clients.access.app_id:
            return (Webhook(repositories[0]),) if repositories else ()
        owners = dict.fromkeys(each.partition("/")[0] for each in repositories)
        looked = [await self._ours(each, address) for each in (*owners, *repositories)]
        readable = [each for each in looked if each is not None]
        found = tuple(webhook for each in readable for webhook in each)
        if not found and len(readable) < len(looked):
            raise NeedsHuman(
                "GitHub does not let us look at its webhooks.",
                "The token lacks the scope admin:repo_hook (for an organisation's webhook: admin:org_hook).",
                f"Give it that, or the permission {READS}; what is lost meanwhile is found by looking.",
            )
        return found

    async def tried(self, webhook: Webhook, since: datetime) -> tuple[Tried, ...]:
        def work(requester: Requester) -> tuple[Tried, ...]:
            return tuple(_tries(requester, f"{_base(webhook)}/deliveries?per_page={PAGE}", since))

        call = Call(_repository(webhook), "list what GitHub delivered", READS)
        return await self._clients.read(call, lambda repo: self._signed(webhook, repo, work))

    async def again(self, webhook: Webhook, id: str) -> None:
        def work(requester: Requester) -> None:
            send(requester, "POST", f"{_base(webhook)}/deliveries/{int(id)}/attempts")

        call = Call(_repository(webhook), f"have delivery {id} sent again", READS)
        await self._clients.write(call, lambda repo: self._signed(webhook, repo, work))

    async def finding(self, repositories: Sequence[str], address: str) -> Finding:
        """For the doctor: whether what gets lost can be asked for again."""
        try:
            found = await self.webhooks(repositories, address)
        except NeedsHuman as error:
            return warn(f"{error.what} {error.why}", error.next)
        except SlipwayError as error:
            return warn(f"GitHub's webhooks can't be looked at: {error}", "Run `slipway doctor` again.")
        if not found:
            return warn(
                f"No webhook of GitHub delivers to {address}.",
                "Add one, or mend SLIPWAY_PUBLIC_URL; until then, runs are only found by looking.",
            )
        return ok("What GitHub could not deliver can be asked for again.")

    async def _ours(self, owner: str, address: str) -> list[Webhook] | None:
        """Of an organisation or of a repository; None where we may not look."""
        path = f"/repos/{owner}/hooks" if "/" in owner else f"/orgs/{owner}/hooks"

        def work(repo: Repository) -> list[Webhook] | None:
            try:
                told = repo.requester.requestJsonAndCheck("GET", f"{path}?per_page={PAGE}")[1]
            except GithubException as error:
                if status_of(error) in (403, 404):
                    return None
                raise
            hooks = [each for each in told if (each.get("config") or {}).get("url") == address]
            return [Webhook(owner, str(int(each["id"]))) for each in hooks if each.get("active")]

        name = owner if "/" in owner else f"{owner}/{owner}"  # the calls of one account share a client
        return await self._clients.read(Call(name, "look at its webhooks", READS), work)

    def _signed(self, webhook: Webhook, repo: Repository, work: Callable[[Requester], Any]) -> Any:
        """An App's webhook is looked at by the App itself, not by its installation."""
        return work(repo.requester) if webhook.id else self._clients.access.as_app(work)


def _base(webhook: Webhook) -> str:
    if not webhook.id:
        return APP
    of = "repos" if "/" in webhook.owner else "orgs"
    return f"/{of}/{webhook.owner}/hooks/{int(webhook.id)}"


def _repository(webhook: Webhook) -> str:
    return webhook.owner if "/" in webhook.owner else f"{webhook.owner}/{webhook.owner}"


def _tries(requester: Requester, path: str, since: datetime) -> Iterator[Tried]:
    """The newest first, page by page, until they are older."""
    for _ in range(PAGES):
        headers, told = requester.requestJsonAndCheck("GET", path)
        for each in told:
            at = datetime.fromisoformat(str(each["delivered_at"]))
            if at < since:
                return
            yield Tried(
                id=str(int(each["id"])),
                guid=str(each["guid"]),
                at=at,
                again=bool(each.get("redelivery")),
                heeded=is_heeded(str(each.get("event")), each.get("action")),
            )
        following = _NEXT.search(str(headers.get("link") or ""))
        if following is None:
            return
        path = following[1]
