"""Breaking the glass: what it skips, what it never skips, and who hears of it, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.gates.model import GateState
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.reviews import WITHIN
from bot.playground.github.names import ActName
from bot.playground.slack.seed import ADA, TEAM
from integrations.slack.people import ANEW
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "emergency.yml"
CHANNEL = "#api-deploys"
FIRE = "/deploy api production emergency because customers can't pay"


def verdicts(deployment: Deployment) -> dict[str, GateState]:
    """What each gate said last."""
    return {each.gate: each.state for each in deployment.verdicts}


async def trail(house: House) -> list[str]:
    """The audit records as text."""
    return [str(each) async for each in house.app.store.audit.export(TEAM)]


async def audit_channel(house: House, words: str) -> None:
    """Wait until the auditors were told so."""
    slack = house.play.slack
    await slack.until(lambda: any(words in each.text for each in slack.messages("#audit")))


async def test_it_runs_without_approvals_and_in_a_freeze_and_everybody_hears_of_it(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        await house.answered("ada", "You broke the glass.")
        ended = await house.reaches(State.SUCCEEDED)
        said = verdicts(ended)
        assert {gate for gate, state in said.items() if state is GateState.OVERRIDDEN} == {
            "approvals",
            "freeze",
        }
        for each in ended.verdicts:
            if each.state is GateState.OVERRIDDEN:
                assert "Ada" in each.what
                assert "customers can't pay" in each.why
        assert ended.request is not None
        assert ended.request.emergency
        assert ended.digest == ended.request.digest()
        assert len(house.play.github.dispatches()) == 1
        loud = await house.replied(CHANNEL, "EMERGENCY: #1 api to production")
        assert "customers can't pay" in loud.text
        await audit_channel(house, "Emergency: #1 api to production")
        (card,) = house.cards(CHANNEL)
        assert "did not wait for approvals and freeze" in str(card.blocks)
        records = await trail(house)
        assert len([each for each in records if "EmergencyDeclared" in each and ADA in each]) == 1
        assert len([each for each in records if "DispatchAttempted" in each]) == 1


async def test_words_alone_never_do_it(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        slack = house.play.slack
        await house.says("ada", "#deploys", "/deploy api production v1.4.1 emergency")
        view = await house.form("ada", "emergency")
        said = view.blocks[0]["text"]["text"]
        assert "api to production, v1.4.1." in said
        assert "It waits neither for approvals nor for the end of a freeze. Every other rule holds." in said
        assert "Told, with your name and the reason: #api-deploys and #audit." in said
        assert [each["block_id"] for each in view.blocks] == ["intro", "name", "reason"]
        empty = await slack.submit("ada", view, {"name": "production"})
        assert not empty["ok"]
        wrong = await slack.submit("ada", view, {"name": "staging", "reason": "it burns"})
        assert "“staging” is not the name of the environment." in wrong["errors"]["name"]
        assert await house.deployment() is None
        done = await slack.submit("ada", view, {"name": " Production", "reason": "it burns"})
        assert done["ok"], done
        asked = await house.reaches(State.SUCCEEDED)
        assert asked.resolution is not None
        assert (asked.resolution.ref_name, asked.wish.reason) == ("v1.4.1", "it burns")
        await house.says("ada", "#deploys", "/slipway emergency api production production because it burns")
        await house.answered("ada", "`emergency` wants to be confirmed in its form.")
        assert await house.deployment(2) is None
        refused = [each for each in await trail(house) if "RequestRefused" in each]
        assert len(refused) == 2  # the wrong name and the words


async def test_what_is_ticked_in_the_form_of_deploy_wants_to_be_confirmed_as_well(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        slack = house.play.slack
        await house.says("ada", "#deploys", "/deploy")
        view = await house.form("ada", "deploy")
        values = {"service": "api", "environment": "production", "emergency": ["emergency"]}
        done = await slack.submit("ada", view, values | {"reason": "it burns"})
        assert done["ok"], done
        await house.answered("ada", "Nothing is done yet: this is confirmed in a form.")
        await slack.click("ada", slack.ephemerals("ada")[-1], "say_in_full")
        done = await slack.submit("ada", await house.form("ada", "emergency"), {"name": "production"})
        assert done["ok"], done
        ended = await house.reaches(State.SUCCEEDED)
        assert ended.wish.emergency
        assert ended.wish.reason == "it burns"


async def test_without_the_right_or_for_later_nothing_is_asked_for(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", FIRE)
        await house.answered("linus", "You can't break the glass for api in production.")
        await house.says("gus", "#deploys", FIRE)
        await house.answered("gus", "You can't deploy")
        await house.says("ada", "#deploys", "/deploy api production at tomorrow 09:00 emergency because fire")
        await house.answered("ada", "An emergency is now.")
        await house.quiet()
        assert await house.deployment() is None
        denied = [each for each in await trail(house) if "RequestRefused" in each]
        assert len(denied) == 3
        assert house.play.slack.opened_views("ada") == []
        assert house.play.github.dispatches() == []


async def test_whoever_lost_the_right_since_is_refused(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/lock api production because I move the tables")
        await house.answered("linus", "Locked: api in production")
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        waiting = await house.reaches(State.WAITING)
        await house.card_says("Linus has locked api in production.")  # an emergency waits for that
        assert waiting.wish.emergency
        house.play.slack.world.usergroups["S0SRE00001"].users.remove(ADA)
        await house.clock.sleep(ANEW.total_seconds())  # so long a reading of the groups is taken for new
        await house.says("linus", "#deploys", "/unlock api production")
        ended = await house.ends()
        assert ended.state is State.REFUSED
        assert "Ada may not break the glass for production any more." in ended.note
        assert house.play.github.dispatches() == []


async def test_it_passes_those_that_only_wait_but_never_one_in_flight(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        await house.reaches(State.RUNNING)
        await house.says("linus", "#deploys", "/deploy api production")
        await house.reaches(State.WAITING, 2)
        await house.breaks_the_glass("margaret", "#deploys", FIRE)
        waiting = await house.sees(lambda found: "Waiting for #1." in found.note, 3, "to wait")
        assert waiting.state is State.WAITING
        assert len(house.play.github.dispatches()) == 1
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED)
        await house.reaches(State.SUCCEEDED, 3)
        second = await house.deployment(2)
        assert second is not None
        assert second.state is State.WAITING


async def test_asking_again_by_a_click_never_breaks_the_glass(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/lock api production because I move the tables")
        await house.answered("linus", "Locked: api in production")
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        await house.reaches(State.WAITING)
        await house.press("ada", CHANNEL, "cancel")
        await house.reaches(State.WITHDRAWN)
        await house.press("ada", CHANNEL, "ask_again")
        again = await house.reaches(State.WAITING, 2)
        assert not again.wish.emergency


@pytest.mark.parametrize(
    ("channel", "written", "instead"),
    [
        ("payments", 'audit_channel: "#audit"', 'audit_channel: "#payments"'),  # shared with friends
        ("audit", "owners: [payments]", "owners: [payments]\n    visible_to: [everyone]"),
    ],
)
async def test_where_not_everybody_may_know_of_it_only_its_number_is_told(
    database_url: str, tmp_path: Path, channel: str, written: str, instead: str
) -> None:
    catalog = tmp_path / "slipway.yml"
    catalog.write_text(CATALOG.read_text().replace(written, instead, 1))
    async with House(database_url, catalog=catalog) as house:
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        await house.reaches(State.SUCCEEDED)
        house.clock.leap(WITHIN.total_seconds())
        await house.replied(CHANNEL, "this emergency was not reviewed in time.")
        await house.quiet()
        told = [each.text for each in house.play.slack.messages(f"#{channel}")]
        declared, late = told
        assert "Emergency #1." in declared
        assert "The review of an emergency is overdue: #1." in late
        assert all("`/audit #1`" in each for each in told)
        assert not any(word in each for each in told for word in ("api", "Ada", "customers"))


async def test_who_reads_of_an_external_service_reads_of_its_emergencies(
    database_url: str, tmp_path: Path
) -> None:
    catalog = tmp_path / "slipway.yml"
    text = CATALOG.read_text().replace('audit_channel: "#audit"', 'audit_channel: "#payments"')
    catalog.write_text(text.replace("owners: [payments]", "owners: [payments]\n    external: true"))
    async with House(database_url, catalog=catalog) as house:
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        slack = house.play.slack
        await slack.until(lambda: any("customers" in each.text for each in slack.messages("#payments")))
