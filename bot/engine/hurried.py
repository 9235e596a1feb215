"""For whoever waits for an answer: what takes longer than they do is not known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.errors import Transient
from bot.core.identity import Identity
from bot.core.link_ports import Accounts
from bot.core.linking import Account


@dataclass(frozen=True)
class Hurried:
    """The port Accounts over another one, with so many seconds for each answer."""

    accounts: Accounts
    seconds: float

    async def identity(self, repository: str, account: Account) -> Identity:
        """Transient when the code host is too slow."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self.accounts.identity(repository, account)
        except TimeoutError:
            why = f"It did not say in time who may write to {repository}."
            raise Transient(why, system=account.provider) from None
