"""Going back by breaking the glass: the second person looks afterwards; on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.gates.model import GateState
from bot.core.lifecycle import State
from bot.core.values import Kind
from bot.playground.slack.views import View
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.house import House
from tests.scenario.test_rollback import CHANNEL, deployed

FIRE = "/rollback api production emergency because customers can't pay"
APPROVED = "rollback: {approvals: {count: 1, from: [payments], exclude: [requester]}}"


def strict(folder: Path) -> Path:
    """Whoever goes back needs a second person, and the SRE group may break the glass."""
    file = with_rule(folder, APPROVED, PRODUCTION)
    text = file.read_text()
    file.write_text(text.replace("break_lock: [sre]\n", "break_lock: [sre]\n  emergency: [sre]\n"))
    return file


async def opened(house: House, words: str = FIRE) -> View:
    """Ada types it, and the form opens."""
    await house.says("ada", CHANNEL, words)
    return await house.form("ada", "emergency-rollback")


async def test_it_goes_back_at_once_and_is_looked_at_afterwards(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=strict(tmp_path)) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        view = await opened(house)
        said = view.blocks[0]["text"]["text"]
        assert "api in production back to v1.4.0" in said
        assert "(#1), away from #2." in said
        assert "It waits neither for approvals nor for the end of a freeze. Every other rule holds." in said
        assert [each["block_id"] for each in view.blocks] == ["intro", "name", "reason"]
        wrong = await house.play.slack.submit("ada", view, {"name": "staging"})
        assert "“staging” is not the name of the environment." in wrong["errors"]["name"]
        assert await house.deployment(3) is None
        done = await house.play.slack.submit("ada", view, {"name": "production"})
        assert done["ok"], done
        await house.answered("ada", "You broke the glass.")
        back, first = await house.reaches(State.SUCCEEDED, 3), await house.deployment(1)
        assert first is not None
        assert (back.wish.kind, back.wish.emergency) == (Kind.ROLLBACK, True)
        assert back.wish.reason == "customers can't pay"
        assert back.release_sha == first.release_sha
        skipped = [each.gate for each in back.verdicts if each.state is GateState.OVERRIDDEN]
        assert skipped == ["approvals"]
        assert back.review is not None
        await house.replied(CHANNEL, "EMERGENCY: #3 rollback of api in production")
        await house.says("margaret", CHANNEL, "/review #3 ok because they could not")
        await house.says("linus", CHANNEL, "/review #3 ok because it was so")
        await house.sees(lambda found: found.review is not None and found.review.closed, 3)


async def test_without_the_right_nobody_breaks_it(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=strict(tmp_path)) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("linus", CHANNEL, FIRE)  # of its owners, so that he may go back
        await house.answered("linus", "You can't break the glass for api in production.")
        words = "/slipway emergency-rollback api production production #1 #2 because it burns"
        await house.says("ada", CHANNEL, words)
        await house.answered("ada", "`emergency-rollback` wants to be confirmed in its form.")
        await house.quiet()
        assert await house.deployment(3) is None


async def test_what_came_while_the_form_was_open_is_not_taken_away(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=strict(tmp_path)) as house:
        await deployed(house, "v1.3.0", "v1.4.0")
        view = await opened(house)
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.SUCCEEDED, 3)
        done = await house.play.slack.submit("ada", view, {"name": "production"})
        assert done["ok"], done
        await house.answered("ada", "#2 is not what runs in production now: that is #3.")
        assert await house.deployment(4) is None
