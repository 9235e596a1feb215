"""What somebody may do at the code host, read before it fell silent: it counts where nobody can wait."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.app.teams import FRESH
from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.readings import COUNTS_FOR
from bot.core.steps import Step
from bot.core.verdicts import GateState
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import ADA, TEAM
from tests.scenario.house import CATALOG, House
from tests.scenario.test_rollback import confirms, deployed

GUARDED = Path(__file__).parent / "identity.yml"
CHANNEL = "#api-deploys"
SILENT = Fault(Where.PERMISSION, FaultKind.ERROR_503, 1_000_000)
FIRE = "emergency because customers can't pay"


def catalog(folder: Path) -> Path:
    """In which the SRE group may break the glass."""
    file = folder / "slipway.yml"
    file.write_text(GUARDED.read_text().replace("admin: [sre]\n", "admin: [sre]\n  emergency: [sre]\n"))
    return file


async def linked(house: House) -> None:
    """As if Ada had proved it long ago."""
    account = Account("github", str(house.play.github.world.users["ada"].id), "ada")
    async with house.app.store.units.begin(TEAM, Step.LINK_TURN) as uow:
        await uow.links.put(Link(ADA, account, uow.now - timedelta(days=30)))


async def goes_back(house: House) -> None:
    """Ada types it, and confirms it in the form."""
    await house.says("ada", CHANNEL, f"/rollback api staging {FIRE}")
    view = await house.form("ada", "emergency-rollback")
    done = await house.play.slack.submit("ada", view, {"name": "staging"})
    assert done["ok"], done


async def test_it_counts_for_a_day_for_going_back_and_not_for_a_deployment(
    database_url: str, tmp_path: Path
) -> None:
    async with House(database_url, catalog=catalog(tmp_path)) as house:
        await linked(house)
        for number, tag in ((1, "v1.3.0"), (2, "v1.4.0"), (3, "v1.4.1")):
            await house.breaks_the_glass("ada", CHANNEL, f"/deploy api staging {tag} {FIRE}", "staging")
            await house.reaches(State.SUCCEEDED, number)
        assert "as read on" not in str(house.cards(CHANNEL))
        github = house.play.github.control
        github.faults = [SILENT]
        await house.says("ada", CHANNEL, "/deploy api staging v1.5.0")
        waiting = await house.sees(lambda found: bool(found.verdicts), 4, "to be judged")
        said = {each.gate: each for each in waiting.verdicts}["identity"]
        assert said.state is GateState.WAITING
        assert said.what == "It can't be read what who asked for it may do."
        await goes_back(house)
        back = await house.reaches(State.SUCCEEDED, 5)
        said = {each.gate: each for each in back.verdicts}["identity"]
        assert said.state is GateState.OPEN
        assert "Ada is ada, who may write to the repository, as read on" in said.what
        await house.card_says("rolled back", number=5)
        card = next(each for each in house.cards(CHANNEL) if each.text.startswith("#5 "))
        assert "as read on" in str(card.blocks)
        assert "The code host did not answer." in str(card.blocks)
        await house.leaps(COUNTS_FOR.total_seconds())
        await goes_back(house)
        waiting = await house.sees(lambda found: bool(found.verdicts), 6, "to be judged")
        assert {each.gate: each.state for each in waiting.verdicts}["identity"] is GateState.WAITING
        github.faults = []
        back = await house.reaches(State.SUCCEEDED, 6)
        assert "as read on" not in str(back.verdicts)


async def test_the_teams_of_a_day_count_as_well_and_nobody_is_refused_for_their_silence(
    database_url: str, tmp_path: Path
) -> None:
    by_team = tmp_path / "slipway.yml"
    text = CATALOG.read_text().replace("sre: {slack_group: sre}", "sre: {github_team: acme/payments}")
    by_team.write_text(text)
    async with House(database_url, catalog=by_team) as house:
        house.play.github.world.teams["payments"].members.append("ada")
        await linked(house)
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.quiet()
        github = house.play.github.control
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("linus", CHANNEL, "/lock api production for 1h because we look")
        await house.answered("linus", "Locked: api in production")
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.WAITING, 3)
        github.faults = [Fault(Where.TEAM_MEMBERS, FaultKind.ERROR_503, 1_000_000)]
        await house.leaps(FRESH.total_seconds())
        await house.says("ada", CHANNEL, "/deploy api production v1.4.0")
        await house.answered("ada", "can't be read now")
        await house.says("linus", CHANNEL, "/unlock api production")
        await house.card_says("It can't be read who asked for it.", number=3)
        await house.says("ada", CHANNEL, "/rollback api production")
        await confirms(house, "ada", "Roll back api in production?")
        back = await house.reaches(State.RUNNING, 4)
        said = {each.gate: each for each in back.verdicts}["requester"]
        assert "Their teams were read on" in said.what
        waiting = await house.deployment(3)
        assert waiting is not None
        assert waiting.state is State.WAITING, "it is no refusal that nobody answers"
