"""GitHub's memory of what it delivered: of our App, or of the webhooks on the catalog's repositories."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
from integrations.github.webhooks import GATE_EVENTS, RUN_EVENTS, Event, is_heeded

READS = "webhooks: write"
PAGES = 20  # of a hundred; three days of a busy organisation may have more, and the newest count most
APP, OF_APP = "/app/hook", "/app"
EVERYTHING = "*"  # what a webhook that sends everything is listed with
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


@dataclass(frozen=True, slots=True)
class _Listed:
    """A webhook of ours with what it sends."""

    webhook: Webhook
    events: frozenset[str]


class GitHubDeliveries:
    """Implements `Deliveries`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def webhooks(self, repositories: Sequence[str], address: str) -> tuple[Webhook, ...]:
        if self._clients.access.app_id:
            return (Webhook(repositories[0]),) if repositories else ()
        return tuple(each.webhook for each in await self._all_ours(repositories, address))

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

    async def findings(
        self, repositories: Sequence[str], address: str, gated: frozenset[str]
    ) -> list[Finding]:
        """For the doctor: whether what gets lost can be asked for again, and what is never sent.

        Runs of the `gated` repositories wait at GitHub for an answer of ours.
        """
        try:
            sent = await self._sent(repositories, address)
        except NeedsHuman as error:
            return [warn(f"{error.what} {error.why}", error.next)]
        except SlipwayError as error:
            return [warn(f"GitHub's webhooks can't be looked at: {error}", "Run `slipway doctor` again.")]
        if not sent:
            return [
                warn(
                    f"No webhook of GitHub delivers to {address}.",
                    "Add one, or mend SLIPWAY_PUBLIC_URL; until then, runs are only found by looking.",
                )
            ]
        again = ok("What GitHub could not deliver can be asked for again.")
        return [again, *_lacking(sent, repositories, gated)]

    async def _sent(self, repositories: Sequence[str], address: str) -> dict[str, frozenset[str]]:
        """What is sent to us, by the account or repository on which the webhook hangs."""
        if self._clients.access.app_id:
            return await self._sent_by_app(repositories)
        found: dict[str, frozenset[str]] = {}
        for each in await self._all_ours(repositories, address):
            owner = each.webhook.owner
            found[owner] = found.get(owner, frozenset()) | each.events
        return found

    async def _sent_by_app(self, repositories: Sequence[str]) -> dict[str, frozenset[str]]:
        """An App has one webhook for all of them."""

        def work(requester: Requester) -> frozenset[str]:
            told = requester.requestJsonAndCheck("GET", OF_APP)[1]
            return frozenset(str(each) for each in told.get("events") or ())

        call = Call(repositories[0], "look at what our App is sent", "")
        events = await self._clients.read(call, lambda _: self._clients.access.as_app(work))
        return dict.fromkeys((each.partition("/")[0] for each in repositories), events)

    async def _all_ours(self, repositories: Sequence[str], address: str) -> tuple[_Listed, ...]:
        owners = dict.fromkeys(each.partition("/")[0] for each in repositories)
        looked = [await self._ours(each, address) for each in (*owners, *repositories)]
        readable = [each for each in looked if each is not None]
        found = tuple(listed for each in readable for listed in each)
        if not found and len(readable) < len(looked):
            raise NeedsHuman(
                "GitHub does not let us look at its webhooks.",
                "The token lacks the scope admin:repo_hook (for an organisation's webhook: admin:org_hook).",
                f"Give it that, or the permission {READS}; what is lost meanwhile is found by looking.",
            )
        return found

    async def _ours(self, owner: str, address: str) -> list[_Listed] | None:
        """Of an organisation or of a repository; None where we may not look."""
        path = f"/repos/{owner}/hooks" if "/" in owner else f"/orgs/{owner}/hooks"

        def work(repo: Repository) -> list[_Listed] | None:
            try:
                told = repo.requester.requestJsonAndCheck("GET", f"{path}?per_page={PAGE}")[1]
            except GithubException as error:
                if status_of(error) in (403, 404):
                    return None
                raise
            hooks = [each for each in told if (each.get("config") or {}).get("url") == address]
            return [_listed(owner, each) for each in hooks if each.get("active")]

        name = owner if "/" in owner else f"{owner}/{owner}"  # the calls of one account share a client
        return await self._clients.read(Call(name, "look at its webhooks", READS), work)

    def _signed(self, webhook: Webhook, repo: Repository, work: Callable[[Requester], Any]) -> Any:
        """An App's webhook is looked at by the App itself, not by its installation."""
        return work(repo.requester) if webhook.id else self._clients.access.as_app(work)


def _listed(owner: str, told: dict[str, Any]) -> _Listed:
    events = frozenset(str(each) for each in told.get("events") or ())
    return _Listed(Webhook(owner, str(int(told["id"]))), events)


def _lacking(
    sent: dict[str, frozenset[str]], repositories: Sequence[str], gated: frozenset[str]
) -> Iterator[Finding]:
    """One for each webhook that does not send all; of a repository without any nothing is known."""
    lacks: dict[tuple[str, ...], list[str]] = {}
    for each in repositories:
        there = [sent[owner] for owner in (each.partition("/")[0], each) if owner in sent]
        events = frozenset[str]().union(*there)
        wanted = (*RUN_EVENTS, *(GATE_EVENTS if each in gated else ()))
        missing = tuple(event.value for event in wanted if event not in events)
        if there and missing and EVERYTHING not in events:
            lacks.setdefault(missing, []).append(each)
    for missing, names in lacks.items():
        yield warn(
            f"GitHub's webhook does not send {', '.join(missing)} of {', '.join(names)}.",
            f"Switch on these events in its settings. Until then, {_until(missing)}.",
        )


def _until(missing: Sequence[str]) -> str:
    """What the worst of them costs."""
    if Event.DEPLOYMENT_PROTECTION_RULE in missing:
        return "runs that wait at GitHub are not answered"
    if Event.DEPLOYMENT_STATUS in missing:
        return "what was deployed past Slipway goes unnoticed"
    return "cards are late, as runs and releases are only found by looking"


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
