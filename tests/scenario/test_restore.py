"""The marketplace goes back over a migration, and then restores its database; on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.values import Kind
from bot.playground.slack.seed import TEAM
from tests.scenario.systems import MARKETPLACE, Team, at_work

CHANNEL = MARKETPLACE.channel
PLACE = "marketplace in production"


async def over_the_migration(team: Team) -> tuple[Deployment, Deployment]:
    """v1.2.0 brought a migration and made a backup before; the rollback that took it away again."""
    house = team.house
    await team.releases("v1.1.0")
    bad = await team.releases("v1.2.0")
    assert bad.reported is not None
    assert bad.reported.report is not None
    assert bad.reported.report.backup is not None
    id = bad.reported.report.backup.id
    await team.says("ada", "/rollback marketplace production because orders get lost")
    preview = await house.answered("ada", f"Roll back {PLACE}?")
    assert f"Database: backup `{id}`, made by #{bad.number} at" in preview
    assert "What was written since then would be lost." in preview
    number = await team.confirms("Comes back: `v1.1.0`")
    await house.sees(lambda found: any(each.gate == "migrations" for each in found.verdicts), number)
    await team.says("grace", f"/override #{number} migrations because it only adds")
    return bad, await house.reaches(State.SUCCEEDED, number)


async def typed(team: Team, person: str, back: Deployment, **values: str) -> dict[str, object]:
    """Press the button of the rollback's card, and fill the form in."""
    house = team.house
    await house.press(person, CHANNEL, "restore", back.number)
    form = await house.form(person, "confirm-restore")
    return dict(await house.play.slack.submit(person, form, values))


async def test_the_database_is_restored_once_by_two_people(database_url: str, tmp_path: Path) -> None:
    async with at_work(MARKETPLACE, database_url, tmp_path) as team:
        house = team.house
        bad, back = await over_the_migration(team)
        assert back.wish.restores is not None
        id = back.wish.restores.id
        assert id is not None
        assert team.dispatched("restore.yml") == [], "nothing is restored by itself"

        reason = "orders since then are wrong anyway"
        wrong = await typed(team, "grace", back, name="production", backup="b-1", reason=reason)
        assert "is not the name of the backup" in str(wrong)
        wrong = await typed(team, "grace", back, name="staging", backup=id, reason=reason)
        assert "is not the name of the environment" in str(wrong)
        done = await typed(team, "grace", back, name="Production", backup=id, reason=reason)
        assert done["ok"], done
        number = back.number + 1
        asked = await house.sees(
            lambda found: any(each.gate == "migrations" and each.held for each in found.verdicts), number
        )
        assert asked.wish.kind is Kind.RESTORE
        await team.says("grace", f"/override #{number} migrations because it burns")
        told = await house.answered("grace", "You can't override the rule on migrations of production.")
        assert "You asked for this restore yourself" in told
        await team.says("ada", f"/override #{number} migrations because it burns")
        await house.answered("ada", "You can't override the rule on migrations of production.")
        assert team.dispatched("restore.yml") == []
        await team.says("linus", f"/override #{number} migrations because we looked at it together")
        restored = await house.reaches(State.SUCCEEDED, number)
        await house.quiet()

        assert team.dispatched("restore.yml") == [{"environment": "production", "backup": id}]
        assert [each.name for each in restored.overrides] == ["Linus"]
        await house.card_says(f"restore of the database of {PLACE}: restored.", CHANNEL, number)
        await nothing_else_changed(team, bad, back)


async def nothing_else_changed(team: Team, bad: Deployment, back: Deployment) -> None:
    """What is live, what may come back and what is kept out is as the rollback left it."""
    store, place = team.house.app.store, ("marketplace", "production")
    live = await store.queries.live(TEAM, *place)
    assert live is not None
    assert live.deployment.number == back.number
    arrivals = await store.releases.arrivals(TEAM, *place)
    assert arrivals[-1].number == back.number
    assert bad.release_sha is not None
    held = await store.quarantines.held(TEAM)
    assert [each.sha for each in held] == [bad.release_sha]
    await team.says("ada", "/state marketplace production")
    told = await team.house.answered("ada", "What runs where")
    assert f"#{back.number} by" in told
