"""When somebody leaves: what has not begun, votes and a linked account end with them; locks go to owners."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.votes import Vote, VoteKind
from bot.playground.github.names import ActName
from bot.playground.slack.seed import LINUS, MARGARET, TEAM
from tests.scenario.house import CATALOG, PATIENCE, House
from tests.scenario.surfer import link
from tests.scenario.test_link import a_house, audited
from tests.scenario.test_lock import told_to


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


async def locked_and_left(house: House) -> None:
    """Margaret locked all of staging, for good; Ada and Grace wait, and Linus wants to be told."""
    await house.says("margaret", "#deploys", "/lock staging because the database moves")
    await house.answered("margaret", "Locked: every service in staging")
    await house.says("grace", "#deploys", "/deploy api staging")
    await house.reaches(State.WAITING)
    await house.says("ada", "#deploys", "/deploy web staging")
    await house.press("linus", "#web-deploys", "tell_me", 2)
    await house.answered("linus", "You will be told when web in staging is free.")
    await house.play.slack.control.acts["deactivate"]({"person": "margaret"})


async def test_the_locks_of_a_leaver_go_to_the_owners_and_end_where_there_are_none(
    database_url: str, tmp_path: Path
) -> None:
    catalog = with_audit_channel(tmp_path)
    catalog.write_text(catalog.read_text().replace('"#web-deploys"\n    owners: [sre]', '"#web-deploys"'))
    async with House(database_url, catalog=catalog) as house:
        await locked_and_left(house)
        await house.reaches(State.SUCCEEDED, 2)  # nobody owns web
        await told_to(house, LINUS, "web in staging is free")
        await house.card_says("api's team has locked api in staging.")
        message = await said(house, "#api-deploys", "Margaret has left.")
        for words in ("on api in staging passes to payments", "the database moves", "`/unlock api staging`"):
            assert words in message
        assert "Their locks (1) passed to the owners" in await said(house, "#audit", "Margaret has left.")
        await house.says("ada", "#deploys", "/unlock api staging")  # she may break it, but does not own it
        await house.answered("ada", "Why do you break the lock of api's team?")
        await house.says("linus", "#deploys", "/unlock")
        assert "api's team has locked api in staging" in await house.answered("linus", "What is locked")
        await house.says("linus", "#deploys", "/unlock api staging")
        await house.answered("linus", "Unlocked: api in staging.")
        await house.reaches(State.SUCCEEDED)
        assert [str(each.scope) for each in await house.app.store.locks.held(TEAM)] == ["worker in staging"]
        trail = b"".join([line async for line in house.app.store.audit.export(TEAM)])
        names = (b"LockTaken", b"LockPassed", b"LockEnded", b"WaiterTold", b"PersonLeft")
        assert [trail.count(name) for name in names] == [1, 2, 2, 1, 1]


async def test_the_account_of_a_leaver_is_free_again(database_url: str) -> None:
    async with a_house(database_url) as house:
        await link(house, "linus", "linus")
        assert await house.app.store.links.of(TEAM, LINUS) is not None
        await house.play.slack.control.acts["deactivate"]({"person": "linus"})
        assert "`linus` is no longer linked to them" in await said(house, "#audit", "Linus has left.")
        assert await house.app.store.links.of(TEAM, LINUS) is None
        unlinked = [facts for name, facts in await audited(house) if name == "AccountUnlinked"]
        assert [(each["person"], each["login"]) for each in unlinked] == [(LINUS, "linus")]
        await house.quiet()


async def said(house: House, channel: str, words: str) -> str:
    """The message there that says so, as soon as there is one."""

    def found() -> list[str]:
        return [each.text for each in house.play.slack.messages(channel) if words in each.text]

    await house.play.slack.until(lambda: bool(found()), PATIENCE)
    (message,) = found()
    return message
