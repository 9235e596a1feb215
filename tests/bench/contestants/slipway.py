"""Slipway's intake as it is in production; nobody works on what it stores."""

from __future__ import annotations

import sys
import time
from contextlib import AsyncExitStack

from bot.core.ingress import Tally
from bot.core.records import Source
from bot.slack.guard import Guard
from bot.slack.ingress import Reception, SlackDoor
from bot.store.intake import GroupIntake
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from bot.web.server import Served, Server, application
from bot.web.webhooks import WebhookDoor
from integrations.github.webhooks import hook
from tests.bench.contestants.stage import perform
from tests.bench.requests import SECRET


async def start(around: AsyncExitStack) -> int:
    """Over the database whose URL was given."""
    tally = Tally()
    intake = GroupIntake(ReceiptWriter(sys.argv[1], Seal()))
    around.push_async_callback(intake.close)
    slack = SlackDoor(Guard((SECRET,), time.time), Reception(intake, _no_form), tally)
    github = WebhookDoor(hook((SECRET,)), "T0001", intake, tally)
    server = Server(application(Served(tally, slack, {Source.GITHUB: github})), "127.0.0.1", 0)
    around.push_async_callback(server.stop)
    return await server.start()


async def _no_form(_incoming: object) -> None:
    return None


if __name__ == "__main__":
    perform(start)
