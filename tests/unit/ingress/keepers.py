"""Intakes for the tests of doors: one that remembers, and what it may be told to do."""

from __future__ import annotations

from bot.core.errors import Transient
from bot.core.records import Receipt, Stored


class Shelf:
    """An Intake in memory with the rules of the real one; the contract tests hold both to them."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.down = False

    async def store(self, receipt: Receipt) -> Stored:
        if self.down:
            raise Transient("the database is down")
        for earlier in self.receipts:
            if earlier.source is receipt.source and earlier.delivery_key == receipt.delivery_key:
                same = bool(receipt.signature) and earlier.signature == receipt.signature
                return Stored.REPLAYED if same else Stored.SEEN
        self.receipts.append(receipt)
        return Stored.NEW
