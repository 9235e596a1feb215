"""Each answer of the code host is kept, not too often, and never at the expense of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.app.remembered import PACE, RememberedAccounts
from bot.core.errors import Transient
from bot.core.identity import Identity, RepositoryRole
from bot.core.linking import Account
from bot.core.pipelines import Repository
from bot.core.readings import Reading
from tests.contract.store_support import NOON, HandClock

ADA = Account("github", "7", "ada")
WRITES, READS = Identity("ada", RepositoryRole.WRITE), Identity("ada", RepositoryRole.READ)


@dataclass
class Host:
    """The port Accounts; `fails` is raised instead of an answer."""

    found: Identity = WRITES
    fails: Exception | None = None

    async def identity(self, repository: str, account: Account) -> Identity:  # noqa: ARG002
        if self.fails is not None:
            raise self.fails
        return self.found


@dataclass
class Book:
    """The port Readings."""

    kept: list[Reading] = field(default_factory=list)
    fails: Exception | None = None

    async def keep(self, workspace: str, reading: Reading) -> None:
        assert workspace == "T1"
        if self.fails is not None:
            raise self.fails
        self.kept.append(reading)

    async def last(self, workspace: str, repository: Repository, account: str) -> Reading | None:
        raise NotImplementedError


def remembered(host: Host, book: Book, clock: HandClock, home: str | None = "T1") -> RememberedAccounts:
    return RememberedAccounts(host, book, lambda: home, clock.now)


async def test_an_answer_is_kept_with_the_time_before_it_and_not_too_often() -> None:
    host, book, clock = Host(), Book(), HandClock()
    accounts = remembered(host, book, clock)
    assert await accounts.identity("acme/api", ADA) == WRITES
    assert [(each.repository.full_name, each.account, each.identity, each.at) for each in book.kept] == [
        ("acme/api", "7", WRITES, NOON)
    ]
    clock.move(PACE.total_seconds() - 1)
    await accounts.identity("acme/api", ADA)
    assert len(book.kept) == 1
    await accounts.identity("acme/web", ADA)
    host.found = READS
    await accounts.identity("acme/api", ADA)
    assert [each.identity for each in book.kept] == [WRITES, WRITES, READS], "another answer is kept at once"
    clock.move(PACE.total_seconds())
    await accounts.identity("acme/api", ADA)
    assert len(book.kept) == 4


async def test_what_can_not_be_kept_is_still_an_answer() -> None:
    host, book, clock = Host(), Book(fails=Transient("locked", system="The database")), HandClock()
    accounts = remembered(host, book, clock)
    assert await accounts.identity("acme/api", ADA) == WRITES
    book.fails = None
    await accounts.identity("acme/api", ADA)
    assert len(book.kept) == 1, "it is tried again with the next answer"
    assert await remembered(host, book, clock, home=None).identity("acme/api", ADA) == WRITES
    assert len(book.kept) == 1, "nobody knows yet for which workspace"


async def test_no_answer_is_no_reading() -> None:
    host, book = Host(fails=Transient("503", system="GitHub")), Book()
    with pytest.raises(Transient):
        await remembered(host, book, HandClock()).identity("acme/api", ADA)
    assert book.kept == []
