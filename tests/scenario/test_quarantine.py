"""A quarantined release, from chat to effect, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.playground.github.names import ActName
from bot.playground.slack.seed import LINUS, TEAM
from tests.scenario.catalogs import with_rule
from tests.scenario.house import PATIENCE, House

CHANNEL = "#api-deploys"
RIGHTS = "rights: {override_quarantine: [sre]}"


def told_to(house: House, person: str) -> str:
    """The direct messages to this person."""
    return str([each.text for each in house.play.slack.world.app_channel(person).messages.values()])


def commit_at(house: House, ref: str) -> str:
    """The commit to which this reference leads."""
    found = house.play.github.world.repository("acme/api")
    commit = found.git.ref_commit(ref) if found else None
    assert commit is not None
    return commit.sha


async def test_it_does_not_return_until_it_is_mended_or_lifted(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=with_rule(tmp_path, RIGHTS)) as house:
        await house.says("linus", "#deploys", "/deploy api staging v1.4.1")
        await house.reaches(State.SUCCEEDED)
        await house.says("linus", CHANNEL, "/quarantine api staging v1.4.1")
        await house.answered("linus", "Why may this release not return?")
        await house.says("linus", CHANNEL, "/quarantine api staging v1.4.1 because it corrupts carts")
        told = await house.answered("linus", "Quarantined: v1.4.1")
        assert "It runs in staging now, by #1, and goes on" in told
        await house.says("linus", CHANNEL, "/state api staging")
        assert "quarantined: “it corrupts carts”" in await house.answered("linus", "What runs where")
        await house.says("grace", "#deploys", "/deploy api staging v1.4.1")
        await house.card_says("is quarantined: api in staging. Linus did so at", number=2)
        await house.card_says("it corrupts carts", number=2)
        await house.says("ada", "#deploys", "/deploy api staging v1.5.0")
        await house.card_says("It is made of v1.4.1", number=3)
        words = f'Revert "Answer 404"\n\nThis reverts commit {commit_at(house, "refs/tags/v1.4.1")}.'
        await house.act(ActName.ADD_COMMIT, repository="api", message=words)
        await house.says("linus", "#deploys", "/deploy api staging main")
        fixed = await house.reaches(State.SUCCEEDED, 4)  # the fix does not wait in line for them either
        assert "reverts" in next(each.why for each in fixed.verdicts if each.gate == "quarantine")
        assert len(house.play.github.dispatches()) == 2
        fix = "/quarantine api staging v1.4.1 fixed by v1.5.0 because the search repairs them"
        await house.says("grace", CHANNEL, fix)
        await house.answered("grace", "contains the fix of v1.4.1")
        await house.reaches(State.SUCCEEDED, 3)
        assert len(house.play.github.dispatches()) == 3
        await house.says("ada", CHANNEL, "/quarantine")
        assert "“the search repairs them”" in await house.answered("ada", "What is quarantined")
        await house.says("margaret", CHANNEL, "/quarantine api staging v1.4.1 lift because it was the data")
        await house.answered("margaret", "Lifted: v1.4.1")
        await house.reaches(State.SUCCEEDED, 2)
        await house.play.slack.until(lambda: "has lifted your quarantine" in told_to(house, LINUS), PATIENCE)
        await house.says("ada", CHANNEL, "/quarantine")
        await house.answered("ada", "Nothing is quarantined.")


async def test_who_may_lift_and_who_may_let_one_pass(database_url: str, tmp_path: Path) -> None:
    catalog = with_rule(tmp_path, RIGHTS)
    catalog.write_text(catalog.read_text().replace("owners: [payments]", "owners: [sre]"))
    async with House(database_url, catalog=catalog) as house:
        await house.says("linus", CHANNEL, "/quarantine api v1.4.1 because it corrupts carts")
        await house.answered("linus", "You can't quarantine releases of api in production.")
        await house.says("ada", CHANNEL, "/quarantine api v1.4.1 because it corrupts carts")
        await house.answered("ada", "Quarantined: v1.4.1")
        await house.says("linus", "#deploys", "/deploy api staging v1.4.1")
        await house.card_says("is quarantined: api in every environment.")
        await house.says("linus", CHANNEL, "/quarantine api v1.4.1 lift because I can't wait")
        await house.answered("linus", "You can't lift quarantines of api in staging.")
        await house.says("linus", CHANNEL, "/override #1 because I can't wait")
        await house.answered("linus", "You can't override the quarantine of staging.")
        assert house.play.github.dispatches() == []
        await house.says("ada", CHANNEL, "/override #1 because staging has no carts")
        await house.answered("ada", "You let api to staging pass the quarantine.")
        ended = await house.reaches(State.SUCCEEDED)
        assert [(each.name, each.reason) for each in ended.overrides] == [("Ada", "staging has no carts")]
        assert len(await house.app.store.quarantines.held(TEAM)) == 1
        await house.says("linus", "#deploys", "/deploy api staging v1.4.1")
        await house.card_says("is quarantined: api in every environment.", number=2)
