"""From a delivery to one commit: what is answered, what is kept, and who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.actions import ActionId, ButtonValue
from bot.core.command import Command, Context, Reply
from bot.core.effects import ShowCard
from bot.core.errors import DATABASE, Transient
from bot.core.lifecycle import State
from bot.core.policy import Permission
from bot.core.values import Origin
from bot.slack.deliveries import FORM_SHOWS_ERRORS, Incoming, Kind
from bot.slack.inline import answer_form
from commands import COMMANDS
from tests.databases import Backend
from tests.fakes.samples import SRE, catalog, service
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import NO_DEPLOYMENT, Everything, command, pressed, spoken, submitted

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
TOKEN = "xoxb" + "-1234567890-abcdefghij"
SRE_ONE, STRANGER, FORMER, GUEST = "U0ADA00001", "U0STRANGER", "U0FORMER01", "U0GUEST001"


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


def deploy(words: str = "api staging", **more: str) -> Incoming:
    return spoken(words, "/deploy", **more)


async def button(here: Room, action: ActionId, number: int = 1, person: str = "U0LINUS001") -> Incoming:
    found = await here.deployment(number)
    assert found is not None
    return pressed(action, ButtonValue(number, found.digest or "", found.version).write(), person)


async def test_a_wish_is_kept_with_its_answer_card_and_record(here: Room) -> None:
    told = await here.hears(deploy("api staging main because it is Friday"))
    assert "Asked for api to staging: `main`" in told
    assert "#1" in told
    found = await here.deployment()
    assert found is not None
    assert (found.state, found.origin) == (State.WAITING, Origin.CHAT)
    assert (found.wish.ref, found.wish.reason) == ("main", "it is Friday")
    assert found.wish.inputs == (("log_level", "info"), ("skip_smoke", "false"))
    assert found.request is not None
    assert found.digest == found.request.digest()
    assert found.channel == "#deploys"
    kinds = [record["event"] for record in await here.records()]
    assert kinds == ["DeploymentAsked", "DeploymentMoved"]
    (answer,) = here.answers
    assert (answer.person, answer.channel) == ("U0LINUS001", "C0DEPLOYS1")
    assert answer.response_url == "http://127.0.0.1/respond"


async def test_no_words_open_the_form(here: Room) -> None:
    assert await here.hears(deploy("  ")) == ""
    (view,) = here.opener.opened
    assert (view["callback_id"], view["private_metadata"]) == ("deploy", "C0DEPLOYS1")
    assert await here.deployment() is None


async def test_a_form_that_is_too_late_gets_a_button_that_opens_it(here: Room) -> None:
    here.opener.late = True
    assert "a press of the button opens it" in await here.hears(deploy(""))
    (answer,) = here.answers
    assert (answer.offer, answer.offer_value) == (ActionId.OPEN_FORM, "deploy")
    here.opener.late = False
    assert await here.hears(pressed(answer.offer, answer.offer_value)) == ""
    assert here.opener.opened[0]["callback_id"] == "deploy"


async def test_a_form_opens_before_anything_else_is_asked(here: Room) -> None:
    here.directory.remembers = False
    assert await here.hears(deploy("")) == ""
    skeleton, filled = here.opener.opened
    assert "One moment" in str(skeleton["blocks"])
    assert "submit" not in skeleton
    assert "api" in str(filled["blocks"])


async def test_an_open_form_says_when_there_is_nothing_to_fill_in(here: Room) -> None:
    here.directory.remembers = False
    here.directory.fails = Transient("it can't be reached.", system="Slack")
    assert "Slack does not answer" in await here.hears(deploy(""))
    assert "nothing to fill in" in str(here.opener.opened[-1])


@pytest.mark.parametrize("remembers", [True, False])
@pytest.mark.parametrize("person", [STRANGER, FORMER])
async def test_who_may_not_even_look_sees_no_form(here: Room, person: str, remembers: bool) -> None:
    here.directory.remembers = remembers
    told = await here.hears(deploy("", person=person))
    assert "other organisations" in told or "deactivated" in told
    assert "staging" not in str(here.opener.opened)
    assert [record["event"] for record in await here.records()] == ["RequestRefused"]
    before = len(here.opener.opened)
    assert await here.hears(pressed(ActionId.OPEN_FORM, "deploy", person)) != ""
    assert "staging" not in str(here.opener.opened[before:])


@pytest.mark.parametrize(
    "said",
    [
        spoken(f"{TOKEN} api", "/slipway"),
        spoken(f"/{TOKEN}", "/slipway"),
        spoken("AKIA" + "Q" * 16, "/slipway"),  # its small letters would look like nothing
        deploy(f"{TOKEN} staging"),
        deploy(f"api staging {TOKEN}"),
        deploy(f"api staging {TOKEN.replace('-', '–')}"),
        deploy(f'api staging {TOKEN[:8]}""{TOKEN[8:]}'),
        deploy(f"api staging note={TOKEN}"),
        pressed(TOKEN, ""),
        pressed(ActionId.OPEN_FORM, TOKEN),
        submitted(TOKEN, {}),
        submitted("deploy", {"service": "api", "environment": "staging", "reason": TOKEN}),
    ],
)
async def test_a_secret_reaches_neither_the_trail_nor_an_answer(here: Room, said: Incoming) -> None:
    told = await here.hears(said)
    assert "looks like a secret" in told
    kept = f"{told} {await here.records()}".lower()
    assert len(await here.records()) == 1
    for secret in (TOKEN, TOKEN.replace("-", "–"), TOKEN[8:], "AKIAQ"):
        assert secret.lower() not in kept


async def test_a_refusal_before_we_met_names_the_person_by_id(here: Room) -> None:
    await here.hears(deploy(f"api staging {TOKEN}"))
    (record,) = await here.records()
    assert "U0LINUS001" in str(record)


async def test_a_filled_form_asks_like_words_do(here: Room) -> None:
    values = {"service": "api", "environment": "staging", "ref": "main", "reason": "fish &amp; chips"}
    assert "Asked for api to staging" in await here.hears(submitted("deploy", values))
    found = await here.deployment()
    assert found is not None
    assert found.wish.reason == "fish &amp; chips"


async def test_what_is_wrong_with_a_form_is_said_in_the_form_alone(here: Room) -> None:
    wrong = submitted("deploy", {"service": "web", "environment": "production"})
    answer = await answer_form(here.around, wrong)
    assert answer == {
        "response_action": "errors",
        "errors": {
            "environment": "There is no environment of web called “production”. There are staging, preview."
        },
    }
    assert await here.hears(wrong, FORM_SHOWS_ERRORS) == ""
    assert [record["event"] for record in await here.records()] == ["RequestRefused"]


async def test_a_form_that_came_back_never_runs_even_if_it_is_right_by_now(here: Room) -> None:
    right = submitted("deploy", {"service": "api", "environment": "staging"})
    assert await here.hears(right, FORM_SHOWS_ERRORS) == ""
    assert await here.deployment() is None
    assert [record["event"] for record in await here.records()] == ["RequestRefused"]


async def test_a_form_that_closed_is_answered_in_the_channel(here: Room) -> None:
    wrong = submitted("deploy", {"service": "web", "environment": "production"})
    here.directory.fails = Transient("it can't be reached.", system="Slack")
    assert await answer_form(here.around, wrong) is None
    here.directory.fails = None
    assert "no environment of web called `production`" in await here.hears(wrong)


@pytest.mark.parametrize("name", ["", "launch"])
async def test_a_form_of_nothing_we_know(here: Room, name: str) -> None:
    odd = submitted(name, {"service": "api"})
    assert await answer_form(here.around, odd) is None
    assert "There is no command" in await here.hears(odd)


async def test_what_is_missing_in_a_form_is_said_at_once(here: Room) -> None:
    answer = await answer_form(here.around, submitted("deploy", {"service": "api"}))
    assert answer is not None
    assert answer["errors"] == {"environment": "This is needed."}
    good = submitted("deploy", {"service": "api", "environment": "staging"})
    assert await answer_form(here.around, good) is None
    assert await answer_form(here.around, deploy()) is None


async def test_a_form_waits_for_the_directory_no_longer_than_slack_does(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asleep:
        async def person(self, workspace: str, id: str, *, fresh: bool = False) -> None:  # noqa: ARG002
            await asyncio.Event().wait()

    monkeypatch.setattr("bot.slack.inline.PATIENCE", 0.01)
    around = replace(here.around, directory=Asleep())  # type: ignore[arg-type]
    good = submitted("deploy", {"service": "api", "environment": "staging"})
    assert await asyncio.wait_for(answer_form(around, good), 5) is None


REFUSED = {
    "unknown command": (spoken("", "/launch"), "There is no command `launch`."),
    "unknown service": (deploy("apy staging"), "There is no service called `apy`."),
    "unknown input": (deploy("api staging x=1"), "There is no input `x`."),
    "unknown reference": (deploy("api staging nowhere"), "nowhere"),
    "secret": (deploy("api staging because " + "ghp" + "_" + "a" * 36), "looks like a secret"),
    "not allowed": (deploy("api production"), "You can't deploy api to production."),
    "stranger": (deploy(person=STRANGER), "People of other organisations can't do this."),
    "deactivated": (spoken("", "/state", FORMER), "This account is deactivated."),
    "guest": (deploy(person=GUEST), "You can't deploy api to staging."),
    "unknown person": (deploy(person="U0NOBODY01"), "user_not_found"),
    "no button of ours": (pressed("launch", "x"), "This button is not one of ours."),
    "a broken button": (pressed(ActionId.CANCEL, "x"), "This button is not one of ours."),
    "no such deployment": (pressed(ActionId.CANCEL, ButtonValue(9, "", 1).write()), "#9"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_told_and_audited_and_nothing_is_done(here: Room, name: str) -> None:
    incoming, says = REFUSED[name]
    assert says in await here.hears(incoming)
    assert await here.deployment() is None
    (record,) = await here.records()
    assert record["event"] == "RequestRefused"
    assert "ghp_" not in str(record)


async def test_a_hidden_service_answers_like_an_unknown_one(here: Room) -> None:
    hidden = await here.hears(deploy("vault staging"))
    unknown = await here.hears(deploy("vaults staging"))
    assert hidden.replace("vault", "vaults") == unknown
    assert "Asked for vault" in await here.hears(deploy("vault staging", person=SRE_ONE))
    assert await here.hears(spoken("#1", "/state")) == (await here.hears(spoken("#9", "/state"))).replace(
        "9", "1"
    )
    assert "There is no such deployment." in await here.hears(await button(here, ActionId.CANCEL))
    await here.hears(deploy(""))
    assert "vault" not in str(here.opener.opened[-1])


async def test_each_button_goes_through_the_same_rights(here: Room) -> None:
    await here.hears(deploy("api production", person=SRE_ONE))
    assert "You can't cancel api to production." in await here.hears(await button(here, ActionId.CANCEL))
    assert "You can't settle api to production." in await here.hears(await button(here, ActionId.IT_RAN))
    assert "You can't deploy api to production." in await here.hears(await button(here, ActionId.ASK_AGAIN))
    found = await here.deployment()
    assert found is not None
    assert found.state is State.WAITING


async def test_a_cancel_withdraws_what_waits(here: Room) -> None:
    await here.hears(deploy())
    early = pressed(ActionId.CANCEL, ButtonValue(1, "", 1).write())  # drawn before the request was frozen
    assert await here.hears(early) == ""
    found = await here.deployment()
    assert found is not None
    assert found.state is State.WITHDRAWN
    assert found.cancelled_by is not None
    assert found.cancelled_by.name == "Linus"
    assert "has ended already" in await here.hears(await button(here, ActionId.CANCEL))


async def test_a_button_of_another_request_is_refused(here: Room) -> None:
    await here.hears(deploy())
    stale = pressed(ActionId.CANCEL, ButtonValue(1, "0" * 64, 1).write())
    assert "made for another #1" in await here.hears(stale)
    for action in set(ActionId) - {ActionId.CANCEL} - NO_DEPLOYMENT:
        undrawn = pressed(action, ButtonValue(1, "", 1).write())
        assert "made for another #1" in await here.hears(undrawn)


async def test_an_answer_is_taken_only_while_it_is_asked_for(here: Room) -> None:
    await here.hears(deploy())
    assert "no longer asks" in await here.hears(await button(here, ActionId.IT_RAN))
    assert await here.hears(await button(here, ActionId.LOOK_AGAIN)) == ""


async def test_a_link_does_nothing(here: Room) -> None:
    assert await here.hears(pressed(ActionId.OPEN_RUN)) == ""
    assert await here.records() == []


async def test_ask_again_makes_the_same_wish_anew(here: Room) -> None:
    await here.hears(deploy('api staging main note="say because, twice" because it is so'))
    await here.hears(await button(here, ActionId.CANCEL))
    assert "#2" in await here.hears(await button(here, ActionId.ASK_AGAIN, person=SRE_ONE))
    first, second = await here.deployment(1), await here.deployment(2)
    assert first is not None
    assert second is not None
    assert second.wish == first.wish
    assert second.requested_by.name == "Ada"
    assert second.digest != first.digest


async def test_a_code_host_that_is_down_lets_it_be_asked(here: Room) -> None:
    here.forge.down = True
    assert "does not answer yet" in await here.hears(deploy())
    found = await here.deployment()
    assert found is not None
    assert (found.state, found.resolution) == (State.REQUESTED, None)


async def test_slack_that_does_not_answer_is_named(here: Room) -> None:
    here.directory.fails = Transient("it can't be reached.", system="Slack")
    told = await here.hears(deploy())
    assert "Slack does not answer." in told
    assert "Nothing was done." in told


async def test_a_database_that_is_down_is_tried_again(here: Room) -> None:
    here.directory.fails = Transient("the disk is full.", system=DATABASE)
    with pytest.raises(Transient):
        await here.hears(deploy())


async def test_our_own_mistake_is_told_by_a_reference(here: Room, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(ctx: Context, args: Everything) -> Reply:  # noqa: ARG001
        raise KeyError("inner detail")

    here.around = replace(here.around, commands=(command(run=broken),))
    told = await here.hears(spoken("api staging"))
    assert "Slipway made a mistake, and nothing was done." in told
    assert "inner detail" not in told
    reference = told.split("reference ")[1][:8]
    assert f"reference {reference}" in caplog.text


async def test_what_asks_for_nothing_is_marked_handled(here: Room) -> None:
    event = Incoming(Kind.EVENT_CALLBACK, "T0ACME0001", "E1", {"type": "event_callback"})
    event = replace(event, payload={**event.payload, "team_id": "T0ACME0001", "event_id": "E1"})
    assert await here.hears(event) == ""
    assert await here.effects() == []


async def test_what_another_workspace_sent_before_ours_was_known_is_left_alone(here: Room) -> None:
    here.around = replace(here.around, home=lambda: "T0OTHER001")
    assert await here.hears(deploy()) == ""
    assert await here.deployment() is None
    assert await here.records() == []


async def test_what_somebody_tries_from_another_workspace_is_on_record_and_unanswered(here: Room) -> None:
    assert await here.hears(spoken("api staging", "/deploy", team_id="T0GLOBEX01")) == ""
    assert await here.deployment() is None
    (record,) = await here.records()
    assert (record["event"], record["actor"]["id"]) == ("RequestRefused", "U0LINUS001")
    assert record["facts"]["what"] == "That came from another workspace."


async def test_a_renamed_command_is_understood(here: Room) -> None:
    here.around = replace(here.around, prefix="x-")
    assert "Asked for api" in await here.hears(spoken("api staging", "/x-deploy"))
    assert "Asked for api" in await here.hears(spoken("deploy api staging", "/x-slipway"))


async def test_the_catalog_of_the_moment_counts(here: Room) -> None:
    here.knows(catalog(service("api", visible_to=(SRE,))))
    assert "There is no service called `api`" in await here.hears(deploy())


async def test_a_card_is_wanted_with_each_change(here: Room) -> None:
    await here.hears(deploy())
    await here.hears(await button(here, ActionId.CANCEL))
    found = await here.deployment()
    assert found is not None
    here.clock.time = here.clock.time.replace(year=2027)
    assert all(effect == ShowCard(found.id) for effect in await here.effects())


def test_every_command_and_button_has_its_right(database_url: str) -> None:  # noqa: ARG001
    assert all(isinstance(each.permission, Permission) for each in COMMANDS)
    names = [name for each in COMMANDS for name in (each.name, *each.alias)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("each", COMMANDS, ids=lambda each: each.name)
async def test_no_command_runs_for_somebody_who_left(here: Room, each: Command[object]) -> None:
    words = {
        "deploy": "api staging",
        "promote": "api staging production",
        "confirm-link": "<@U0ADA00001>",
    }.get(each.name, "")
    assert "deactivated" in await here.hears(spoken(words, f"/{each.name}", FORMER))
