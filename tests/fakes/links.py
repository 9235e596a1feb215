"""The port LinkBook over a list."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.linking import Link, LinkAttempt
from tests.fakes.samples import TEAM


@dataclass
class FakeBook:
    """Of one workspace; `asked` is whose holder was looked up."""

    links: list[Link] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def of(self, workspace: str, person: str) -> Link | None:
        return next((each for each in self._of(workspace) if each.person == person), None)

    async def holder(self, workspace: str, provider: str, user_id: str) -> Link | None:
        self.asked.append(user_id)
        accounts = {(each.account.provider, each.account.user_id): each for each in self._of(workspace)}
        return accounts.get((provider, user_id))

    async def people(self, workspace: str, provider: str, accounts: frozenset[str]) -> frozenset[str]:
        found = [each for each in self._of(workspace) if each.account.provider == provider]
        return frozenset(each.person for each in found if each.account.user_id in accounts)

    async def attempt(self, workspace: str, id: str) -> LinkAttempt | None:
        raise NotImplementedError

    async def attempt_by_secret(self, workspace: str, secret_hash: str) -> LinkAttempt | None:
        raise NotImplementedError

    def _of(self, workspace: str) -> list[Link]:
        return self.links if workspace == TEAM else []
