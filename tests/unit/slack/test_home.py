"""The home tab: what stands in it for whom, and what happens to those who press its buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.actions import ActionId, ButtonValue
from bot.core.drills import unproven
from bot.core.effects import Answer, Effect, ShowHome
from bot.core.errors import Transient
from bot.core.lifecycle import State
from bot.core.my_services import MOST as PLACES
from bot.core.my_services import my_services
from bot.core.pending import Pending
from bot.core.records import Shown
from bot.core.steps import Step
from bot.core.values import DeploymentId, Person
from bot.slack.deliveries import Incoming, of_event, of_interaction
from bot.slack.homes import SlackHomes
from bot.slack.limits import check
from bot.slack.messenger import SlackMessenger
from bot.slack.views.home import MOST, home
from tests.databases import Backend
from tests.fakes.chat import FakeChannels, FakeChat, FakeHomes
from tests.fakes.records import Gone
from tests.fakes.samples import (
    ADA,
    FORMER,
    GUEST,
    LINUS,
    NOON,
    SRE,
    STRANGER,
    TEAM,
    actor,
    catalog,
    frozen,
    in_state,
    service,
    wish,
)
from tests.unit.commands.test_approvals import WANTS_SRE, guarded, waiting
from tests.unit.commands.test_commands import context
from tests.unit.slack.room import Room, room
from tests.unit.slack.slack_takes import leaves, words
from tests.unit.slack.talk import spoken, submitted

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        opened.knows(guarded())
        yield opened


def opens(person: Person, tab: str = "home") -> Incoming:
    event = {"type": "app_home_opened", "user": person.id, "tab": tab, "channel": "D0HOME0001"}
    body = {"type": "event_callback", "team_id": TEAM, "event_id": f"E{person.id}", "event": event}
    return of_event(body)


def pressed(action: str, value: str, person: Person) -> Incoming:
    """A click on the home tab has a view, and neither channel nor response address."""
    return of_interaction(
        {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": person.id},
            "container": {"type": "view", "view_id": "V1"},
            "view": {"id": "V1", "type": "home"},
            "trigger_id": "1.2.4",
            "actions": [{"type": "button", "action_id": action, "value": value}],
        }
    )


def choice(action: ActionId, value: str, person: Person) -> Incoming:
    """A menu or a clock on the home tab, as Slack tells of it."""
    made = pressed(action, "", person)
    timed = action in (ActionId.QUIET_FROM, ActionId.QUIET_UNTIL)
    told = {"selected_time": value} if timed else {"selected_option": {"value": value}}
    return replace(made, payload=dict(made.payload) | {"actions": [{"action_id": action} | told]})


async def asks(here: Room, person: Person = LINUS) -> str:
    """Somebody asks, and the gates have been judged; what a button carries."""
    await here.hears(spoken("api staging", "/deploy", person=person.id))
    found = await here.deployment()
    assert found is not None
    async with here.store.units.begin(TEAM, Step.JUDGE_GATES) as uow:
        row = await uow.deployments.get(found.id)
        found = await uow.deployments.save(replace(row, verdicts=WANTS_SRE, note="Waiting for sre."))
    return ButtonValue(found.number, found.digest or "", found.version).write()


async def shown(here: Room, person: Person) -> dict[str, Any]:
    """What their tab shows now."""
    tabs = FakeHomes()
    await SlackHomes(here.around, tabs, here.store.my_settings).show(TEAM, person.id)
    ((whose, view),) = tabs.published
    assert (whose, view["type"]) == (person.id, "home")
    check(view)
    return dict(view)


async def after(here: Room, incoming: Incoming) -> list[Effect]:
    """What is shown because of it."""
    await here.hears(incoming)
    return here.shown


async def test_opening_it_shows_it_and_leaves_no_trace(here: Room) -> None:
    assert await after(here, opens(LINUS)) == [ShowHome(LINUS.id)]
    assert await here.records() == []


async def test_another_tab_is_none_of_ours(here: Room) -> None:
    assert await after(here, opens(LINUS, "messages")) == []


async def test_it_has_what_waits_for_them_with_buttons(here: Room) -> None:
    value = await asks(here)
    view = await shown(here, ADA)
    assert [leaf["value"] for leaf in leaves(view["blocks"]) if leaf.get("type") == "button"] == [value] * 2
    assert "asked by " in words(view)
    assert "Waits for others" not in words(view)
    own = await shown(here, LINUS)
    assert "Nothing waits for your decision." in words(own)
    assert words(own).index("Waits for others") < words(own).index("You asked for")
    assert "Waiting for sre." in words(own).split("You asked for")[1]
    assert "waiting:" not in words(own)


@pytest.mark.parametrize("person", [GUEST, STRANGER], ids=lambda each: each.name)
async def test_guests_and_strangers_have_nothing_to_decide(here: Room, person: Person) -> None:
    here.directory.people[person.id] = replace(person, groups=frozenset({"sre"}))
    await asks(here)
    view = await shown(here, person)
    assert "Nothing waits for your decision." in words(view)
    assert not any(leaf.get("type") == "button" for leaf in leaves(view["blocks"]))
    assert ("staging" in words(view)) is (person is GUEST)


async def test_who_left_reads_why_and_it_is_in_the_trail(here: Room) -> None:
    assert await after(here, opens(FORMER)) == [ShowHome(FORMER.id)]
    (record,) = await here.records()
    assert (record["event"], record["facts"]["command"]) == ("RequestRefused", "home")
    view = await shown(here, FORMER)
    assert "This account is deactivated." in words(view)
    assert len(view["blocks"]) == 1


async def test_a_hidden_service_is_not_there_not_even_what_one_asked_for(here: Room) -> None:
    await asks(here)
    here.knows(guarded(visible_to=(SRE,)))
    assert "staging" not in words(await shown(here, LINUS))
    assert "staging" in words(await shown(here, ADA))


async def test_a_press_decides_answers_by_direct_message_and_shows_the_tab_anew(here: Room) -> None:
    value = await asks(here)
    effects = await after(here, pressed(ActionId.APPROVE, value, ADA))
    found = await here.deployment()
    assert found is not None
    assert [vote.name for vote in found.votes] == ["Ada"]
    assert ShowHome(ADA.id) in effects
    (told,) = [each for each in effects if isinstance(each, Answer)]
    assert (told.person, told.channel, told.response_url) == (ADA.id, "", "")
    chat = FakeChat()
    messenger = SlackMessenger(chat, here.store.queries, FakeHomes(), FakeChannels(), here.store.links)
    posted = await messenger.deliver(TEAM, "op", told, None)
    assert posted is not None
    assert (posted.channel, chat.whispers) == (ADA.id, [])
    assert "Nothing waits for your decision." in words(await shown(here, ADA))


@pytest.mark.parametrize("person", [LINUS, GUEST, STRANGER, FORMER], ids=lambda each: each.name)
async def test_a_press_of_who_may_not_is_refused_and_in_the_trail(here: Room, person: Person) -> None:
    value = await asks(here)
    before = len(await here.records())
    effects = await after(here, pressed(ActionId.APPROVE, value, person))
    found = await here.deployment()
    assert found is not None
    assert (found.state, found.votes) == (State.WAITING, ())
    assert [each["event"] for each in (await here.records())[before:]] == ["RequestRefused"]
    assert ShowHome(person.id) in effects


async def test_a_rejection_asks_for_its_reason_in_a_form(here: Room) -> None:
    value = await asks(here)
    await here.hears(pressed(ActionId.REJECT, value, ADA))
    (form,) = here.opener.opened
    assert (form["callback_id"], form["private_metadata"]) == ("reject", "")
    filled = submitted("reject", {"number": "#1", "reason": "not today"}, ADA.id)
    view = dict(filled.payload["view"]) | {"private_metadata": ""}
    effects = await after(here, replace(filled, payload=dict(filled.payload) | {"view": view}))
    found = await here.deployment()
    assert found is not None
    assert found.state is State.REJECTED
    assert ShowHome(ADA.id) in effects


async def test_slack_that_does_not_say_who_it_is_is_tried_again(here: Room) -> None:
    here.directory.fails = Transient("it can't be reached.", system="Slack")
    with pytest.raises(Transient):
        await SlackHomes(here.around, FakeHomes()).show(TEAM, ADA.id)


async def test_the_messenger_shows_it_and_may_do_so_twice(here: Room) -> None:
    homes = FakeHomes()
    messenger = SlackMessenger(FakeChat(), here.store.queries, homes, FakeChannels(), here.store.links)
    assert await messenger.look_up(TEAM, "op", ShowHome(ADA.id), None, NOON) is None
    assert await messenger.deliver(TEAM, "op", ShowHome(ADA.id), None) is None
    assert homes.shown == [ADA.id]


@pytest.mark.parametrize("name", ["x" * 5000, "<!channel> *b*", "\u202egnp.exe"])
def test_as_much_as_fits_and_no_name_is_markup(database_url: str, name: str) -> None:  # noqa: ARG001
    row = waiting(wish=wish(reason=name), requested_by=replace(actor(LINUS), name=name), note=name)
    many = tuple(Shown(replace(row, number=number)) for number in range(1, 3 * MOST))
    view = home(context(person=ADA), Pending(many, many, cut=True), many[:MOST])
    check(view)
    assert len([leaf for leaf in leaves(view["blocks"]) if leaf.get("type") == "button"]) == 2 * MOST
    assert f"{2 * (2 * MOST - 1)} more wait" in words(view)
    assert not any(leaf.get("type") == "mrkdwn" for leaf in leaves(view["blocks"]))


async def test_a_place_from_which_nobody_went_back_for_long_is_named(here: Room) -> None:  # noqa: ARG001
    """To those who could try: it is theirs to know before they need it."""
    ctx = context(in_state(State.SUCCEEDED), person=ADA, known=guarded())
    assert [(each.service, each.environment) for each in await unproven(ctx)] == [("api", "staging")]
    told = words(home(ctx, Pending((), (), cut=False), (), await unproven(ctx)))
    assert "No way back was tried for 30 days" in told
    assert "/rollback api staging drill" in told
    assert await unproven(replace(ctx, releases=Gone(proofs={("api", "staging")}))) == ()
    assert await unproven(context(person=ADA, known=guarded())) == (), "nothing runs there"
    assert await unproven(replace(ctx, person=STRANGER)) == ()
    assert await unproven(replace(ctx, catalog=catalog())) == (), "it is not guarded"


async def test_what_runs_of_somebodys_services_is_named(here: Room) -> None:  # noqa: ARG001
    """Those of the owners; for others where they may deploy."""
    moving = frozen(State.RUNNING, number=8, id=DeploymentId("two"))
    known = catalog(service("api", owners=(SRE,)), service("web"))
    ctx = context(moving, in_state(State.SUCCEEDED), person=ADA, known=known)
    found, more = await my_services(ctx)
    assert {each.service for each in found} == {"api"}
    assert more == 0
    told = words(home(ctx, Pending((), (), cut=False), (), (), (found, more)))
    assert "api · staging" in told
    assert "#7" in told
    assert "#8 is running" in told
    assert "nothing deployed by Slipway yet" in told.partition("api · production")[2]
    others, _ = await my_services(replace(ctx, person=LINUS))
    assert {(each.service, each.environment) for each in others} >= {("api", "staging"), ("web", "staging")}
    assert await my_services(replace(ctx, person=STRANGER)) == ((), 0)


async def test_many_services_fit(here: Room) -> None:  # noqa: ARG001
    known = catalog(*(service(f"api-{number}", owners=(SRE,)) for number in range(2 * PLACES)))
    ctx = context(person=ADA, known=known)
    found, more = await my_services(ctx)
    assert (len(found), more) == (PLACES, 3 * PLACES)
    view = home(ctx, Pending((), (), cut=False), (), (), (found, more))
    check(view)
    assert f"{3 * PLACES} more places" in words(view)


@pytest.mark.parametrize(
    ("action", "value", "seen"),
    [
        (ActionId.MENTION_ME, "needed", "Only when I must act"),
        (ActionId.TELL_MY_ENDS, "failures", "When they fail"),
        (ActionId.QUIET, "on", "Quiet from 22:00 to 07:00"),
        (ActionId.QUIET_FROM, "20:30", "Quiet from 20:30 to 07:00"),
        (ActionId.QUIET_UNTIL, "06:15", "Quiet from 22:00 to 06:15"),
    ],
)
async def test_what_somebody_chooses_stands_there_and_in_the_trail(
    here: Room, action: ActionId, value: str, seen: str
) -> None:
    assert await after(here, choice(action, value, LINUS)) == [ShowHome(LINUS.id)]
    assert await after(here, choice(action, value, LINUS)) == [ShowHome(LINUS.id)]
    (record,) = await here.records()
    assert (record["event"], record["actor"]["id"]) == ("MySettingChanged", LINUS.id)
    view = await shown(here, LINUS)
    chosen = [leaf["initial_option"]["text"]["text"] for leaf in leaves(view) if "initial_option" in leaf]
    assert seen in chosen or seen in words(view)


async def test_what_was_never_offered_is_refused(here: Room) -> None:
    for action, value in ((ActionId.MENTION_ME, "loudly"), (ActionId.QUIET_FROM, "25:00")):
        effects = await after(here, choice(action, value, LINUS))
        assert "There is no such setting." in next(
            each.text.plain() for each in effects if isinstance(each, Answer)
        )


async def test_hours_without_a_length_are_refused_by_direct_message(here: Room) -> None:
    effects = await after(here, choice(ActionId.QUIET_FROM, "07:00", LINUS))
    (told,) = [each for each in effects if isinstance(each, Answer)]
    assert "can't begin and end at 07:00" in told.text.plain()
    assert ShowHome(LINUS.id) in effects
