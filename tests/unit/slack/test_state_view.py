"""What /state shows, as people see it: kept as files, and within what Slack takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.rules import RecurringFreeze
from bot.core.runs import RunStatus
from bot.core.steps import Step
from bot.core.verifications import Measured, Outcome
from bot.slack.views.announcement import answer
from tests.databases import Backend
from tests.fakes.samples import NOON, TEAM, catalog, policy, service
from tests.golden import golden
from tests.unit.commands.test_state import deployed, hushed, kept, later, ours, reading, state
from tests.unit.slack.room import Room, room
from tests.unit.slack.slack_takes import must_fit
from tests.unit.slack.surfaces import card_stands

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)

STATES = ("service", "branch", "run", "deployment", "service-silent", "branch-silent", "run-silent")
WORDS = {"service": "api", "branch": "api main", "run": "run 1234567890", "deployment": "#3"}
WEEKEND = RecurringFreeze("0 18 * * FRI", timedelta(hours=8), "UTC", "weekend")


async def furnished(here: Room) -> None:
    """Two releases, a run, and something that is under way."""
    production = Environment("production", policy(freezes=(WEEKEND,)))
    here.knows(catalog(service("api", Environment("staging", policy()), production)))
    await deployed(here, "main")
    id = await deployed(here, "v1.0.0", "production")
    read = Measured("health", Outcome.PASSED, "200", begun_at=NOON, read_at=NOON)
    async with here.store.units.begin(TEAM, Step.RECORD_END) as uow:
        await uow.deployments.save(replace(await uow.deployments.get(id), verifications=(read,)))
    await ours(here)
    await kept(here, reading(RunStatus.RUNNING))
    await card_stands(here, 3, "1700.1")


@pytest.mark.parametrize("name", STATES)
async def test_it_is_as_the_file_says(database_url: str, name: str) -> None:
    async with room(database_url) as here:
        await furnished(here)
        what, _, silent = name.partition("-")
        if silent:
            await here.hears(state(WORDS[what]))
            later(here, 12)
            hushed(here)
        await here.hears(state(WORDS[what]))
        (told,) = here.answers
        made = answer(told.text, [])
        must_fit(made)
        golden(f"answer-state-{name}", made)
