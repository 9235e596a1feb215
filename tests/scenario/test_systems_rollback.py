"""How TaskFlow and the marketplace go back, by their own examples and workflows, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.runs import RunStatus
from bot.core.values import Kind
from tests.scenario.systems import MARKETPLACE, TASKFLOW, Team, at_work


def held(deployment: Deployment, words: str) -> bool:
    """Whether the rule on migrations says so, whatever else holds it."""
    return any(each.gate == "migrations" and words in each.what for each in deployment.verdicts)


async def refused(team: Team) -> None:
    """Neither what was never there nor what broke comes back."""
    service = team.system.service
    await team.says("ada", f"/rollback {service} production to v9.9.9")
    told = await team.house.answered("ada", f"{service} in production can't go back to v9.9.9.")
    assert "No deployment of it that Slipway knows of got there." in told
    assert "It can go back to v1.1.0" in told
    assert "v1.0.0" in told
    await team.says("ada", f"/rollback {service} production to v1.1.1")
    told = await team.house.answered("ada", f"{service} in production can't go back to v1.1.1.")
    assert "but it failed there." in told
    assert "It can go back to v1.1.0" in told


async def over_a_migration(team: Team, files: str, *, may_not: str, may: str) -> Deployment:
    """To the one before that was well, without a version."""
    service, house = team.system.service, team.house
    await team.says("ada", f"/rollback {service} production because orders get lost")
    preview = await house.answered("ada", f"Roll back {service} in production?")
    assert "v1.1.0" in preview
    assert f"A migration lies between: {files}." in preview
    number = await team.confirms("Comes back: `v1.1.0`")
    await house.sees(lambda found: held(found, f"It would take migrations back: {files}."), number)
    before = len(house.play.github.dispatches())
    await team.says(may_not, f"/override #{number} migrations because it burns")
    await house.answered(may_not, "You can't override the rule on migrations of production.")
    await team.agree(number, team.system.voters_back)
    await house.sees(lambda found: len(found.votes) == len(team.system.voters_back), number)
    assert len(house.play.github.dispatches()) == before, "all agreed, but nobody spoke of the database"
    await team.says(may, f"/override #{number} migrations because it only adds")
    back = await house.reaches(State.SUCCEEDED, number)
    assert [(each.gate, each.reason) for each in back.overrides] == [("migrations", "it only adds")]
    return back


async def to_a_named_one(team: Team, stages: tuple[str, ...]) -> Deployment:
    """To a tag, which nothing holds but the approvals; with all the jobs of the workflow."""
    service, house = team.system.service, team.house
    house.play.github.site.brief = False
    await team.says("ada", f"/rollback {service} production to v1.0.0")
    preview = await house.answered("ada", "Comes back: `v1.0.0`")
    assert "No migration lies between." in preview
    number = await team.confirms("Comes back: `v1.0.0`")
    await team.agree(number, team.system.voters_back)
    back = await house.reaches(State.SUCCEEDED, number)
    assert back.run is not None
    done = tuple(each.name for each in back.run.stages if each.status is RunStatus.SUCCESS)
    assert done == stages
    assert back.wish.kind is Kind.ROLLBACK
    return back


def judged(sent: list[dict[str, str]], wanted: list[dict[str, str]]) -> None:
    """By the journal of the stand-in: exactly these, none of them twice, none without a target."""
    assert sent == wanted
    assert all(value for inputs in sent for value in inputs.values())


async def test_taskflow_goes_back_by_its_rollback_workflow(database_url: str, tmp_path: Path) -> None:
    async with at_work(TASKFLOW, database_url, tmp_path) as team:
        await team.releases("v1.0.0")
        await team.releases("v1.1.0")
        await team.releases("v1.1.1", breaks=True)
        await team.releases("v1.2.0")
        await refused(team)
        await over_a_migration(team, "migrations/0007_labels.sql", may_not="ada", may="margaret")
        await to_a_named_one(team, ("roll back", "validate"))
        judged(
            team.dispatched("rollback.yml"),
            [
                {"environment": "production", "target_version": "v1.1.0"},
                {"environment": "production", "target_version": "v1.0.0"},
            ],
        )
        assert len(team.dispatched("deploy.yml")) == 12


async def test_the_marketplace_goes_back_by_its_deploy_workflow(database_url: str, tmp_path: Path) -> None:
    async with at_work(MARKETPLACE, database_url, tmp_path) as team:
        await team.releases("v1.0.0")
        await team.releases("v1.1.0")
        await team.releases("v1.1.1", breaks=True)
        await team.releases("v1.2.0")
        await refused(team)
        await over_a_migration(team, "db/migrations/0031_split.sql", may_not="margaret", may="grace")
        await to_a_named_one(team, ("security check", "back up", "roll back"))
        sent = team.dispatched("deploy-production.yml")
        assert [each["version"] for each in sent[:4]] == ["v1.0.0", "v1.1.0", "v1.1.1", "v1.2.0"]
        judged(sent[4:], [{"rollback_version": "v1.1.0"}, {"rollback_version": "v1.0.0"}])
        assert len(team.dispatched("deploy-staging.yml")) == 4
