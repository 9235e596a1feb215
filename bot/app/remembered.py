"""What accounts may do at the code host, with each answer kept for the time when it gives none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.errors import Transient
from bot.core.identity import Identity
from bot.core.link_ports import Accounts
from bot.core.linking import Account
from bot.core.pipelines import Provider, Repository
from bot.core.readings import Reading, Readings

log = logging.getLogger(__name__)

PACE = timedelta(minutes=10)  # what is read every minute is kept less often


class RememberedAccounts:
    """The port Accounts over another one."""

    def __init__(
        self,
        accounts: Accounts,
        readings: Readings,
        home: Callable[[], str | None],
        now: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._readings = readings
        self._home = home
        self._now = now
        self._kept: dict[tuple[str, str], Reading] = {}

    async def identity(self, repository: str, account: Account) -> Identity:
        """As the other one says; an answer that can't be kept is still an answer."""
        began = self._now()
        found = await self._accounts.identity(repository, account)
        workspace = self._home()
        if workspace is not None:
            of = Repository(Provider(account.provider), repository)
            await self._keep(workspace, Reading(of, account.user_id, found, began))
        return found

    async def _keep(self, workspace: str, reading: Reading) -> None:
        key = (reading.repository.full_name, reading.account)
        last = self._kept.get(key)
        if last is not None and last.identity == reading.identity and reading.at - last.at < PACE:
            return
        try:
            await self._readings.keep(workspace, reading)
        except Transient as error:
            log.warning("what %s may do was read and not kept: %s", reading.account, error.why)
        else:
            self._kept[key] = reading
