"""Going back over a migration, from chat to effect, on both databases; v1.4.1 brought one."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from tests.scenario.catalogs import with_rule
from tests.scenario.house import House

CHANNEL = "#api-deploys"
RIGHTS = "rights: {override_migrations: [sre]}"
REFUNDS = "db/migrations/0042_refunds.sql"


def said(deployment: Deployment, words: str) -> bool:
    """Whether this gate says so, whatever else holds it."""
    return any(each.gate == "migrations" and words in each.what for each in deployment.verdicts)


def guarded(folder: Path) -> Path:
    """The api has migrations, and the SRE group may let it go back over them."""
    file = with_rule(folder, RIGHTS)
    text = file.read_text()
    file.write_text(
        text.replace(
            "    owners: [payments]\n", "    owners: [payments]\n    migrations: [db/migrations/**]\n"
        )
    )
    return file


async def test_going_back_over_a_migration_waits_for_a_word(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=guarded(tmp_path)) as house:
        for number, release in ((1, "v1.4.0"), (2, "v1.5.0"), (3, "v1.4.1")):
            await house.says("linus", "#deploys", f"/deploy api staging {release}")
            await house.reaches(State.SUCCEEDED, number)  # forwards over the migration, and back without one
        await house.says("linus", "#deploys", "/deploy api staging v1.4.0")
        await house.card_says(f"It would take migrations back: {REFUNDS}.", number=4)
        await house.says("linus", CHANNEL, "/override #4 because it burns")
        await house.answered("linus", "You can't override the rule on migrations of staging.")
        assert len(house.play.github.dispatches()) == 3
        await house.says("grace", "#deploys", "/deploy api staging v1.5.0")
        await house.reaches(State.SUCCEEDED, 5)  # nobody waits in line for what waits for a word
        await house.card_says("#5 runs there", number=4)  # their word is on what they read
        await house.says("ada", CHANNEL, "/override #4 because the column is only added")
        await house.answered("ada", "You let api to staging pass the rule on migrations.")
        ended = await house.reaches(State.SUCCEEDED, 4)
        assert [(each.name, each.reason) for each in ended.overrides] == [("Ada", "the column is only added")]
        assert len(house.play.github.dispatches()) == 5


async def test_a_rollback_over_what_failed_takes_a_second_person(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=guarded(tmp_path)) as house:
        await house.says("ada", "#deploys", "/deploy api staging v1.4.0")
        await house.reaches(State.SUCCEEDED)
        await house.act(ActName.FAIL_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging v1.5.0")
        await house.reaches(State.FAILED, 2)  # after its migration, or before: nobody knows
        await house.says("ada", CHANNEL, "/rollback api staging")
        preview = await house.answered("ada", "Roll back api in staging?")
        assert f"A migration lies between: {REFUNDS}." in preview
        shown = next(each for each in house.play.slack.ephemerals("ada") if each.text == preview)
        assert (await house.play.slack.click("ada", shown, "say_in_full"))["ok"]
        await house.sees(lambda found: said(found, f"It would take migrations back: {REFUNDS}."), 3)
        await house.says("ada", CHANNEL, "/override #3 because the column is only added")
        told = await house.answered("ada", "You can't override the rule on migrations of staging.")
        assert "going back over a migration takes a second person" in told
        assert len(house.play.github.dispatches()) == 2
        await house.says("margaret", CHANNEL, "/override #3 because the column is only added")
        ended = await house.reaches(State.SUCCEEDED, 3)
        assert [each.name for each in ended.overrides] == ["Margaret"]
        assert len(house.play.github.dispatches()) == 3


async def test_what_runs_by_now_counts_and_it_must_be_readable(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, factor=60, catalog=guarded(tmp_path)) as house:
        await house.says("linus", "#deploys", "/deploy api staging v1.3.0")
        await house.reaches(State.SUCCEEDED)
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("linus", "#deploys", "/deploy api staging v1.4.1")
        await house.reaches(State.RUNNING, 2)
        await house.says("ada", "#deploys", "/deploy api staging v1.4.0")  # forwards, as things stand now
        await house.card_says("Waiting for #2", number=3)
        github = house.play.github.control
        github.faults = [Fault(Where.COMPARE, FaultKind.ERROR_503, 1_000_000)]
        await house.act(ActName.FINISH_NOW)
        await house.sees(lambda found: said(found, "It can't be read what it would take back."), 3)
        await house.says("ada", CHANNEL, "/override #3 migrations because no column went")
        await house.answered("ada", "You let api to staging pass the rule on migrations.")
        await house.sees(lambda found: said(found, "Ada let this one pass"), 3)
        github.faults = []
        await house.sees(lambda found: said(found, "It would take migrations back"), 3)  # now they are named
        assert len(house.play.github.dispatches()) == 2
