"""Every surface times everybody who may not: nothing happens, they are told why, and it is in the trail."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.__main__ import _parser
from bot.core import policy
from bot.core.actions import ActionId
from bot.core.catalog import Catalog
from bot.core.command import Context, Reply, args_of
from bot.core.policy import Allowed, Permission
from bot.core.rules import Exclusion
from bot.core.values import Person
from bot.slack import understanding
from bot.slack.asks import Nothing, read
from bot.slack.deliveries import Incoming, Kind
from bot.slack.homes import SlackHomes
from bot.slack.inline import answer_form
from bot.slack.mine import MINE
from bot.store.tables import metadata
from commands import COMMANDS
from tests.databases import Backend
from tests.fakes.chat import FakeHomes
from tests.fakes.samples import ADA, FORMER, GUEST, LINUS, NOON, SRE, STRANGER, TEAM
from tests.unit.slack.room import Room, room
from tests.unit.slack.surfaces import CARRIED, FIELDS, Surface, card_value, furnish, guarded, surfaces

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)

# Where a person's words, answers and receipts lie; everything else is what must not change.
BESIDE = frozenset({"inbox", "outbox", "cards", "audit", "audit_head", "audit_keys", "events"})

ABOUT_ALL = frozenset(  # they show what the reader may see, or are about the reader alone
    {"/approvals", "form of approvals", "/help", "form of help", "/link", "form of link", "home tab"}
)
READING = ABOUT_ALL | {
    "/state what=#1",
    "form of state",
    '/history "api"',
    "/history api",
    "form of history",
    '/changes "api"',
    "/changes api",
    "form of changes",
    "button details",
    "shortcut on a card",  # it opens a form
}
OPENING = frozenset(f"opening {each.name}" for each in COMMANDS if each.form) | {"button open_form"}
MY_OWN = frozenset(f"button {each}" for each in MINE)
FOR_MEMBERS = frozenset({"/explain me api staging", "form of explain", "button tell_me"}) | MY_OWN
LINKS = frozenset({"button open_run"})  # Slack opens it by itself
AWAY = frozenset(
    f"opening {name}" for name in ("approve", "reject", "override", "emergency", "handover")
)  # guests never decide
# What decides on others' work, or lets it pass a rule, asks the directory anew.
JUDGED = (
    "approve",
    "reject",
    "override",
    "quarantine",
    "handover",
    "review",
    "unlock",
    "unsubscribe",
    "unlink",
    "confirm-link",
    "emergency",
    "emergency-rollback",
    "restore",
    "confirm-restore",
)
BY_BUTTON = frozenset({"button approve", "button tick", "button untick", "button restore"})
ANEW = frozenset(f"{way}{name}" for name in JUDGED for way in ("/", "form of ")) | BY_BUTTON
VOTES = frozenset({"/approve", "form of approve", "button approve"})
REMEMBERED = Person("U0GRACE001", "Grace", NOON, groups=frozenset({"sre"}))


GUARDED = guarded()


@dataclass(frozen=True, slots=True)
class Denied:
    """Somebody who may not, and the surfaces that are no business of the denial."""

    person: str
    besides: frozenset[str] = LINKS
    only: frozenset[str] = frozenset()  # these surfaces alone, by the first of their words
    catalog: Catalog = GUARDED

    def concerns(self, name: str) -> bool:
        """Whether it is denied there."""
        mine = not self.only or any(f"{name} ".startswith(f"{each} ") for each in self.only)
        return mine and name not in self.besides


LINK_ONES = frozenset({"/link", "form of link"})
KNOWS_NOTHING = ABOUT_ALL | OPENING | LINKS | MY_OWN
DENIED = {
    "not in who": Denied(LINUS.id, READING | OPENING | FOR_MEMBERS | LINKS),
    "guest": Denied(GUEST.id, (READING | OPENING | FOR_MEMBERS | LINKS) - AWAY),
    "stranger": Denied(STRANGER.id, (ABOUT_ALL | LINKS | {"opening history"}) - LINK_ONES),
    "deactivated": Denied(FORMER.id),
    "unknown to the directory": Denied("U0NOBODY01"),
    "may not know of it": Denied(LINUS.id, KNOWS_NOTHING, catalog=guarded(visible_to=(SRE,))),
    "not linked": Denied(REMEMBERED.id, only=VOTES, catalog=guarded(Exclusion.AUTHORS)),
    "taken out of the group just now": Denied(REMEMBERED.id, only=ANEW),
}


@pytest.fixture
async def bare(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


@pytest.fixture
async def here(bare: Room) -> Room:
    await furnish(bare, GUARDED)
    return bare


async def rows(here: Room) -> dict[str, list[str]]:
    """What is stored, besides receipts and answers, as the driver tells it: it is asked for very often."""
    found = {}
    async with here.store.database.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in BESIDE:
                told = await connection.exec_driver_sql(f"SELECT * FROM {table.name}")
                found[table.name] = sorted(map(str, told))
    return found


async def told(here: Room, surface: Surface, incoming: Incoming) -> str:
    """What the person was told, in an answer or on their home tab."""
    said = await here.hears(incoming)
    if surface.name != "home tab":
        return said
    tabs, person = FakeHomes(), incoming.payload["event"]["user"]
    await SlackHomes(here.around, tabs).show(TEAM, person)
    return str(tabs.published[0][1]["blocks"])


def wrong(surface: Surface, person: str, said: str, records: list[dict[str, Any]], changed: bool) -> str:
    """What is missing for a denial that is whole."""
    if changed:
        return f"{surface.name} changed something"
    if len(records) != 1 or records[0]["event"] != "RequestRefused" or records[0]["actor"]["id"] != person:
        return f"{surface.name} left in the trail {records}"
    facts = records[0]["facts"]
    if not facts["what"] or facts["what"].rstrip(".") not in said:
        return f"{surface.name} told “{said}”, and not “{facts['what']}”"
    return ""


@pytest.mark.parametrize("kind", DENIED)
async def test_nothing_happens_they_are_told_and_it_is_in_the_trail(bare: Room, kind: str) -> None:
    here, denied, flaws = bare, DENIED[kind], []
    await furnish(here, denied.catalog)
    here.directory.people[REMEMBERED.id] = here.directory.stale[REMEMBERED.id] = REMEMBERED
    if kind == "taken out of the group just now":
        here.directory.people[REMEMBERED.id] = replace(REMEMBERED, groups=frozenset())
    card = await card_value(here)
    before, seen = await rows(here), len(await here.records())
    for surface in surfaces():
        if not denied.concerns(surface.name):
            continue
        if surface.name == "home tab" and kind == "unknown to the directory":
            continue  # there is nobody to show it to
        said = await told(here, surface, surface.use(denied.person, card))
        records, after = await here.records(seen), await rows(here)
        flaws.append(wrong(surface, denied.person, said, records, after != before))
        seen += len(records)
    assert [each for each in flaws if each] == []


async def test_a_form_says_so_before_it_closes(here: Room) -> None:
    with_fields = {f"form of {each.name}" for each in COMMANDS if args_of(each.arguments)}
    for surface in surfaces():
        if surface.name in with_fields:
            answer = await answer_form(here.around, surface.use(FORMER.id, ""))
            assert answer is not None, surface.name
            assert "deactivated" in str(answer["errors"])


async def test_another_workspace_is_left_alone(here: Room) -> None:
    """Nothing is done, nobody is answered, their trail stays as it is; ours says that they tried."""
    card = await card_value(here)
    here.around = replace(here.around, home=lambda: "T0OTHER001")
    before, seen = await rows(here), len(await here.records())
    for surface in surfaces():
        assert await here.hears(surface.use(ADA.id, card)) == "", surface.name
        assert here.shown == [], surface.name
    assert (await rows(here), len(await here.records())) == (before, seen)
    assert here.opener.opened == []


class Watch:
    """Who was let through by `authorise()`, and whether any command ran for somebody who was not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, here: Room) -> None:
        self.asked: set[str] = set()
        self.early: list[str] = []
        real = policy.must_belong  # the first thing that authorise() does, by its own module's name

        def must_belong(permission: Permission, person: Person) -> None:
            self.asked.add(person.id)
            real(permission, person)

        monkeypatch.setattr(policy, "must_belong", must_belong)
        commands = tuple(replace(each, run=self._watched(each.name, each.run)) for each in COMMANDS)
        here.around = replace(here.around, commands=commands)

    def _watched(self, name: str, real: Any) -> Any:
        async def run(ctx: Context, arguments: object) -> Reply:
            if ctx.person.id not in self.asked:
                self.early.append(name)
            reply: Reply = await real(ctx, arguments)
            return reply

        return run

    async def unasked(self, here: Room) -> list[str]:
        """The surfaces that did something for Ada, who may everything, without asking."""
        found, seen = [], len(await here.records())
        for surface in surfaces():
            self.asked.clear()
            await here.hears(surface.use(ADA.id, await card_value(here)))
            records = await here.records(seen)
            seen, refused = seen + len(records), [each["facts"] for each in records]
            if ADA.id not in self.asked:
                found.append(f"{surface.name} {refused}" if refused else surface.name)
        return found


async def test_nothing_is_handled_without_authorise(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """To open a form does nothing: what is filled in is authorised. A link is opened by Slack itself."""
    watch = Watch(monkeypatch, here)
    assert sorted(await watch.unasked(here)) == sorted(OPENING | LINKS)
    assert watch.early == []


async def test_a_listener_that_forgets_it_is_noticed(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, here)
    monkeypatch.setattr(understanding, "authorise", lambda *_: Allowed("anybody"))
    unasked = await watch.unasked(here)
    assert "form of help" in unasked
    assert "deploy" in watch.early


def test_every_command_and_button_is_in_the_tables(database_url: str) -> None:  # noqa: ARG001
    assert set(FIELDS) == {each.name for each in COMMANDS}
    assert set(CARRIED) == set(ActionId)


ACTS = {
    Kind.COMMAND,
    Kind.BLOCK_ACTIONS,
    Kind.VIEW_SUBMISSION,
    Kind.MESSAGE_ACTION,
    Kind.EVENT_CALLBACK,
}


@pytest.mark.parametrize("kind", Kind)
def test_no_other_kind_of_delivery_asks_for_anything(kind: Kind, database_url: str) -> None:  # noqa: ARG001
    """Option lists, shortcuts and closed forms among them: whoever gives one a meaning adds its surface."""
    payload = {"user": {"id": "U1"}, "actions": [{"action_id": "cancel"}], "view": {}, "command": "/deploy"}
    event = {"type": "app_home_opened", "tab": "home", "user": "U1"}
    asked = read(Incoming(kind, TEAM, "k", payload | {"event": event}))
    assert isinstance(asked, Nothing) is (kind not in ACTS)


OPERATORS = {
    "serve",
    "demo",
    "playground",
    "check",
    "migrate",
    "audit",
    "outbox",
    "explain",
    "doctor",
    "manifest",
}
GOES_BACK = {"rollback"}  # it asks for a rollback, and the gate of the requester opens for nothing else


def test_the_command_line_acts_for_nobody(database_url: str) -> None:  # noqa: ARG001
    """Whoever has a shell there has database and tokens anyway; none of it votes, locks or deploys."""
    (commands,) = (each for each in _parser()._actions if isinstance(each, argparse._SubParsersAction))
    assert set(commands.choices) == OPERATORS | GOES_BACK
