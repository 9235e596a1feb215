"""When somebody leaves: what they asked for and has not begun, and their votes, end with them."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.votes import Vote, VoteKind
from bot.playground.github.names import ActName
from bot.playground.slack.seed import LINUS, MARGARET, TEAM
from tests.scenario.house import CATALOG, House


def with_audit_channel(folder: Path) -> Path:
    """The usual catalog, with a place where it is told."""
    path = folder / "slipway.yml"
    path.write_text(CATALOG.read_text().replace("slack:\n", 'slack:\n  audit_channel: "#audit"\n', 1))
    return path


async def busy(house: House) -> None:
    """The first deployment keeps the environment, so that others wait for it."""
    await house.act(ActName.HOLD_NEXT, job="deploy")
    await house.says("ada", "#deploys", "/deploy api staging")
    await house.reaches(State.RUNNING)


async def votes(house: House, number: int, person: str) -> Deployment:
    """A vote on what still waits."""
    async with house.app.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        found = await uow.deployments.by_number(number)
        assert found is not None
        vote = Vote(person, "Linus", VoteKind.APPROVE, found.digest or "", uow.now)
        return await uow.votes.cast(found, vote)


def told(house: House) -> list[str]:
    return [each.text for each in house.play.slack.messages("#audit")]


async def test_what_a_leaver_asked_for_never_runs_and_their_votes_are_void(
    database_url: str, tmp_path: Path
) -> None:
    async with House(database_url, catalog=with_audit_channel(tmp_path)) as house:
        await busy(house)
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.reaches(State.WAITING, 2)
        await house.says("margaret", "#deploys", "/deploy api staging")
        await house.reaches(State.WAITING, 3)
        await votes(house, 3, LINUS)
        assert set(await house.app.store.archive.involved(TEAM)) == {LINUS, MARGARET}
        await house.play.slack.control.acts["deactivate"]({"person": "linus"})
        ended = await house.ends(2)  # or the gate saw first that they may not deploy any more
        assert ended.state in (State.WITHDRAWN, State.REFUSED)
        other = await house.sees(lambda found: not found.votes, 3, "to have no votes")
        assert other.state is State.WAITING
        await house.play.slack.until(lambda: bool(told(house)))
        (message,) = told(house)
        assert "Linus has left." in message
        assert "no longer count: #3." in message
        events = [line async for line in house.app.store.audit.export(TEAM)]
        assert b"PersonLeft" in b"".join(events)
