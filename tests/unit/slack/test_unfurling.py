"""From a link that somebody wrote to a card below it: once, and only where everybody may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.core.catalog import Catalog
from bot.core.effects import Posted, Unfurl
from bot.core.following import About, RunRecord
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.runs import Run, RunRef, RunStatus
from bot.slack.asks import Nothing, read
from bot.slack.deliveries import Incoming, of_event
from bot.slack.unfurling import Unfurler
from tests.databases import Backend
from tests.fakes.chat import FakeChannels, FakeDirectory
from tests.fakes.samples import LINUS, NOON, SHA_A, STRANGER, TEAM, catalog, in_state, service
from tests.unit.slack.room import Room, room
from tests.unit.slack.slack_takes import words

KNOWN = catalog(service("api"))
NAME = KNOWN.services[0].repository.full_name
REF = RunRef("github", NAME, "77")
URL = f"https://github.com/{NAME}/actions/runs/77"
HERE = Unfurl("C1", "1700.1", LINUS.id, URL)


def shared(event_id: str = "E1", source: str = "conversations_history", *urls: str) -> Incoming:
    links = [{"domain": "github.com", "url": each} for each in urls or (URL,)]
    event = {"type": "link_shared", "user": LINUS.id, "channel": "C1", "message_ts": "1700.1"}
    body = {"type": "event_callback", "team_id": TEAM, "event_id": event_id}
    return of_event(body | {"event": event | {"links": links, "source": source}})


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


async def test_each_link_of_a_message_is_shown_once(here: Room) -> None:
    """Slack tells of a message again when somebody edits it, as another event."""
    other = f"{URL}/attempts/2"
    await here.hears(shared("E1", "conversations_history", URL, URL))
    assert here.shown == [HERE]
    await here.hears(shared("E2", "conversations_history", URL, other))
    assert here.shown == [replace(HERE, url=other)]
    assert await here.records() == []


@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
def test_what_is_still_being_written_is_left_alone(database_url: str) -> None:  # noqa: ARG001
    assert isinstance(read(shared(source="composer")), Nothing)


@dataclass
class World:
    """What is on record, and what was shown."""

    found: tuple[Deployment, ...] = ()
    records: tuple[RunRecord, ...] = ()
    shown: list[tuple[Posted, str, Any]] = field(default_factory=list)

    async def of_run(self, workspace: str, ref: RunRef) -> tuple[Deployment, ...]:
        return self.found if (workspace, ref) == (TEAM, REF) else ()

    async def attempts(self, workspace: str, ref: RunRef) -> tuple[RunRecord, ...]:
        return self.records if (workspace, ref) == (TEAM, REF) else ()

    async def card_of(self, workspace: str, id: str) -> Posted:  # noqa: ARG002
        return Posted("C9", "9.9")

    async def unfurl(
        self, workspace: str, message: Posted, url: str, blocks: Sequence[Mapping[str, object]]
    ) -> None:
        assert workspace == TEAM
        self.shown.append((message, url, blocks))


EVERYWHERE = FakeChannels()


async def show(
    world: World, effect: Unfurl = HERE, channels: FakeChannels = EVERYWHERE, known: Catalog = KNOWN
) -> str:
    port: Any = world
    link, web = (lambda posted: f"https://chat.test/{posted.channel}"), "https://github.com"
    unfurler = Unfurler(port, port, port, FakeDirectory(), channels, port, lambda: known, link, web)
    await unfurler.show(TEAM, effect)
    return words({"blocks": [each for _, _, blocks in world.shown for each in blocks]}) if world.shown else ""


def run(attempt: int = 1, status: RunStatus = RunStatus.FAILURE) -> Run:
    return Run(REF, attempt, status, SHA_A, URL, "Nightly", "completed", (), NOON, NOON)


def record(attempt: int = 1) -> RunRecord:
    about = About("Nightly", ".github/workflows/nightly.yml", "main", "schedule", "grace-h", 12, "Fix it")
    return RunRecord(run(attempt), about, NOON, NOON)


async def test_a_deployment_is_named_with_its_state_and_who_asked() -> None:
    deployed = in_state(State.SUCCEEDED, run=run(status=RunStatus.SUCCESS))
    world = World((deployed,), (record(),))
    told = await show(world)
    for part in ("#7 api to staging", "deployed", deployed.requested_by.name):
        assert part in told
    [(where, url, blocks)] = world.shown
    assert (where, url) == (Posted("C1", "1700.1"), URL)
    assert "https://chat.test/C9" in str(blocks)
    assert "user_id" not in str(blocks), "it rings for nobody"


async def test_another_run_is_named_with_its_state_and_who_began_it() -> None:
    told = await show(World(records=(record(), record(2))))
    for part in ("Nightly · run 12 of", "attempt 2: failed", "started by grace-h", "On main: Fix it"):
        assert part in told
    first = await show(World(records=(record(), record(2))), replace(HERE, url=f"{URL}/attempts/1"))
    assert "attempt" not in first


@pytest.mark.parametrize(
    "effect",
    [
        replace(HERE, url=URL.replace("77", "78")),
        replace(HERE, url=f"{URL}/attempts/9"),
        replace(HERE, url=URL.replace(NAME, "acme/elsewhere")),
        replace(HERE, url=URL.replace("github.com", "evil.example")),
        replace(HERE, person=STRANGER.id),
        replace(HERE, person="U0NOBODY01"),
    ],
    ids=["unknown run", "unknown attempt", "unknown repository", "another host", "stranger", "nobody"],
)
async def test_what_is_unknown_or_not_theirs_is_left_as_it_is(effect: Unfurl) -> None:
    deployed = in_state(State.SUCCEEDED, run=run())
    assert await show(World((deployed,), (record(),)), effect) == ""


async def test_nothing_is_shown_where_outsiders_read() -> None:
    deployed = in_state(State.SUCCEEDED, run=run())
    assert await show(World((deployed,)), channels=FakeChannels(frozenset({"C1"}))) == ""


async def test_nothing_is_shown_where_nobody_says_who_reads() -> None:
    """A direct message to somebody of another organisation, say: Slack tells of the link all the same."""
    deployed = in_state(State.SUCCEEDED, run=run())
    assert await show(World((deployed,)), channels=FakeChannels(unknown=frozenset({"C1"}))) == ""
