"""A person's own rights at the code host, read when they matter."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.errors import UserError
from bot.core.identity import Identity
from bot.core.link_ports import Accounts
from bot.core.linking import Account
from bot.core.pipelines import Repository
from bot.core.values import Person


async def identity_of(accounts: Mapping[str, Accounts], repository: Repository, person: Person) -> Identity:
    """Nothing is asked for somebody without a link; UserError where the code host knows no accounts."""
    if person.login is None or person.account_id is None:
        return Identity()
    host = accounts.get(repository.provider)
    if host is None:
        raise UserError(f"{repository.provider} can't say what people may do there.")
    account = Account(repository.provider, person.account_id, person.login)
    return await host.identity(repository.full_name, account)
