"""Every way in which a person can ask for something, taken from the product's own registries.

Each command is typed, filled in as a form, and opened as one; each button is pressed; the home tab is opened.
What each takes stands in the two tables below: a new command or button without its line fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert

from bot.core.actions import ActionId, ButtonValue
from bot.core.catalog import Catalog, Environment
from bot.core.command import ArgKind, args_of
from bot.core.lock_words import place_value
from bot.core.locks import Scope
from bot.core.overrides import Overridable
from bot.core.rules import ApprovalRule, Approvals, Checklist, Exclusion, RecurringFreeze, Right, Rights, Tick
from bot.core.steps import Step
from bot.core.subscriptions import made
from bot.core.verdicts import GateState, Verdict
from bot.engine.reviewing import begin
from bot.slack.deliveries import Incoming, of_event
from bot.slack.forms import words_of
from bot.store.tables import cards
from commands import COMMANDS
from tests.fakes.samples import ADA, SRE, TEAM, actor, catalog, policy, service
from tests.unit.slack.room import Room
from tests.unit.slack.talk import chosen, pressed, spoken, submitted

PLACE = {"service": "api", "environment": "staging"}
ONE, EMERGENCY = "#1", "#2"  # Ada asked for both
CARD = "1700.1"  # where that of #1 stands
ITEM = "the backup is done"

# By command: the fields that somebody who may could fill in.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "deploy": PLACE,
    "emergency": PLACE | {"name": "staging", "reason": "customers can't pay"},
    "promote": {"service": "api", "earlier_environment": "staging", "environment": "production"},
    "rollback": PLACE,
    "emergency-rollback": PLACE
    | {"name": "staging", "version": ONE, "away_from": EMERGENCY, "reason": "customers can't pay"},
    "restore": {"number": ONE},
    "confirm-restore": PLACE
    | {"name": "staging", "backup": "b-1", "number": ONE, "meant": "b-1", "reason": "orders are wrong"},
    "run": {"workflow": "deploy.yml", "inputs": "environment=staging version=v1"},
    "state": {"what": ONE},
    "approve": {"number": ONE},
    "reject": {"number": ONE, "reason": "not now"},
    "approvals": {},
    "handover": {"number": ONE, "newer": EMERGENCY, "reason": "it can't wait"},
    "override": {"number": ONE, "rule": Overridable.FREEZE, "reason": "it must be"},
    "quarantine": PLACE | {"ref": "main", "reason": "it corrupts carts"},
    "review": {"number": EMERGENCY, "finding": "ok", "reason": "it was"},
    "lock": PLACE | {"reason": "incident 4711"},
    "unlock": PLACE | {"reason": "it is over"},
    "subscribe": {"service": "api"},
    "unsubscribe": {"what": "1"},
    "subscriptions": {"everywhere": "all"},
    "history": {"service": "api"},
    "changes": {"service": "api"},
    "audit": PLACE,
    "digest": {"what": "daily", "services": "api"},
    "explain": {"person": "me"} | PLACE,
    "help": {},
    "link": {},
    "unlink": {"person": f"<@{ADA.id}>"},
    "confirm-link": {"person": f"<@{ADA.id}>"},
}
# By button: what it carries; None stands for a card's own value.
CARRIED: Mapping[ActionId, str | None] = {
    ActionId.CANCEL: None,
    ActionId.IT_RAN: None,
    ActionId.IT_DID_NOT_RUN: None,
    ActionId.LOOK_AGAIN: None,
    ActionId.IT_WORKS: None,
    ActionId.IT_DOES_NOT_WORK: None,
    ActionId.MEASURE_AGAIN: None,
    ActionId.ASK_AGAIN: None,
    ActionId.ROLL_BACK: None,
    ActionId.RESTORE: None,
    ActionId.APPROVE: None,
    ActionId.REJECT: None,
    ActionId.TAKE_BACK: None,
    ActionId.TICK: None,
    ActionId.UNTICK: None,
    ActionId.DETAILS: None,
    ActionId.HAND_OVER: None,
    ActionId.SAY_IN_FULL: "deploy api staging because so",
    ActionId.TELL_ME: place_value(Scope("api", "staging")),
    ActionId.SNOOZE: "digest daily for api",
    ActionId.OPEN_FORM: "deploy",
    ActionId.OLDER: "audit api staging",
    ActionId.OPEN_RUN: "",
    ActionId.MENTION_ME: "never",
    ActionId.TELL_MY_ENDS: "always",
    ActionId.QUIET: "on",
    ActionId.QUIET_FROM: "21:00",
    ActionId.QUIET_UNTIL: "06:30",
}

GRANTED = (
    Right.ADMIN,
    Right.AUDIT,
    Right.EMERGENCY,
    Right.BREAK_LOCK,
    Right.SUBSCRIBE,
    Right.OVERRIDE_CHECKLIST,
    Right.OVERRIDE_MIGRATIONS,
    Right.OVERRIDE_QUARANTINE,
    Right.SUBSCRIBE,
)
SRE_ONLY = Rights(tuple((each, (SRE,)) for each in GRANTED))
CLOSED = RecurringFreeze("0 0 * * *", timedelta(hours=23), "UTC", "stocktaking", override=(SRE,))


def guarded(*excluded: Exclusion, **changes: Any) -> Catalog:
    """One service in which the SRE group may do everything, and nobody else anything."""
    wants = Approvals((ApprovalRule(1, (SRE,)),), exclude=(Exclusion.REQUESTER, *excluded))
    ticked = Checklist((Tick(ITEM),))
    rules = policy(who=(SRE,), approvals=wants, freezes=(CLOSED,), rights=SRE_ONLY, checklist=ticked)
    places = (Environment(name, rules) for name in ("staging", "production"))
    workflows = (Environment("deploy.yml", rules),)
    known = catalog(service("api", *places, rights=SRE_ONLY, owners=(SRE,), workflows=workflows, **changes))
    return replace(known, rights=SRE_ONLY)


async def furnish(here: Room, known: Catalog) -> None:
    """Ada has asked for #1, which every rule holds that somebody may let it pass, and locked the place.

    For #2 she has broken the glass, and its review is open.
    """
    here.knows(known)
    assert "Asked for api" in await here.hears(spoken("api staging", "/deploy", ADA.id))
    assert "Asked for api" in await here.hears(submitted("emergency", dict(FIELDS["emergency"]), ADA.id))
    assert "Locked" in await here.hears(spoken("api staging because incident 4711", "/lock", ADA.id))
    await card_stands(here, 1, CARD)
    async with here.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        await uow.subscriptions.put("C0DEPLOYS1", "#deploys", made(["api"]), actor(ADA))
    async with here.store.units.begin(TEAM, Step.TAKE_SLOT) as uow:
        asked, emergency = [await uow.deployments.by_number(number) for number in (1, 2)]
        assert asked is not None
        assert emergency is not None
        closed = tuple(Verdict(each, GateState.WAITING, "Closed.", held=(each,)) for each in Overridable)
        await uow.deployments.save(replace(await uow.deployments.get(asked.id), verdicts=closed))
        await begin(uow, await uow.deployments.get(emergency.id))


async def card_stands(here: Room, number: int, ts: str) -> None:
    """As if it had been posted."""
    found = await here.deployment(number)
    assert found is not None
    place = {"workspace_id": TEAM, "card": found.id, "channel": "C0APIDEPLO", "ts": ts}
    async with here.store.database.write() as connection:
        await connection.execute(delete(cards).where(cards.c.card == found.id))
        await connection.execute(insert(cards).values(place))


@dataclass(frozen=True, slots=True)
class Surface:
    """One way in, and how this person uses it."""

    name: str
    use: Callable[[str, str], Incoming]  # by this person; the second is what a card's button carries


def typed(name: str, fields: Mapping[str, str], more: str = "") -> Surface:
    """As a slash command."""
    command = next(each for each in COMMANDS if each.name == name)
    number = any(each.kind is ArgKind.WORD for each in args_of(command.arguments).values())
    words = words_of(command, fields).replace('"', "") if number else words_of(command, fields)
    said = f"{words} {more}".strip()
    return Surface(f"/{name} {said}".strip(), lambda person, _: spoken(f"{name} {said}", "/slipway", person))


def _form(name: str, fields: Mapping[str, str]) -> Surface:
    return Surface(f"form of {name}", lambda person, _: submitted(name, dict(fields), person))


def _opening(name: str) -> Surface:
    return Surface(f"opening {name}", lambda person, _: spoken("", f"/{name}", person))


def _button(action: ActionId, carried: str | None) -> Surface:
    return Surface(
        f"button {action}", lambda person, card: pressed(action, card if carried is None else carried, person)
    )


def _home(person: str, _: str) -> Incoming:
    event = {"type": "app_home_opened", "user": person, "tab": "home", "channel": "D0HOME0001"}
    return of_event({"type": "event_callback", "team_id": TEAM, "event_id": f"E{person}", "event": event})


def _heard(kind: str, text: str) -> Callable[[str, str], Incoming]:
    def use(person: str, _: str) -> Incoming:
        event = {"type": kind, "user": person, "text": text, "channel": "C0DEPLOYS1", "channel_type": "im"}
        envelope = {"type": "event_callback", "team_id": TEAM, "event_id": f"E{kind}{person}", "event": event}
        return of_event(envelope)

    return use


def surfaces() -> Iterator[Surface]:
    """All of them."""
    for command in COMMANDS:
        fields = FIELDS[command.name]
        yield typed(command.name, fields)
        yield _form(command.name, fields)
        if command.form:
            yield _opening(command.name)
    yield typed("deploy", PLACE, "emergency because customers can't pay")
    yield typed("rollback", PLACE, "emergency because customers can't pay")
    yield typed("deploy", PLACE, "dry-run")
    yield typed("quarantine", {**FIELDS["quarantine"], "lift": "lift"})
    for rule in (Overridable.CHECKLIST, Overridable.MIGRATIONS, Overridable.QUARANTINE):
        yield typed("override", {**FIELDS["override"], "rule": rule})
    yield typed("quarantine", {**FIELDS["quarantine"], "fix": "by v1.0.0"})
    for action in ActionId:
        yield _button(action, CARRIED[action])
    yield Surface("mention of deploy", _heard("app_mention", "<@U0SLIPWAY1> deploy api staging"))
    yield Surface("direct message of deploy", _heard("message", "deploy api staging"))
    yield Surface("home tab", _home)
    yield Surface("shortcut on a card", lambda person, _: chosen(CARD, person))


async def card_value(here: Room) -> str:
    """What the buttons of the card of #1 carry, one or the other of them."""
    found = await here.deployment(1)
    assert found is not None
    return ButtonValue(1, found.digest or "", found.version, newer=2, item=ITEM).write()
