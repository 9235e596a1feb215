"""What was deployed, what the trail holds and what a person may do, over real HTTP on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.explaining import explain_person
from bot.core.errors import UserError
from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.steps import Step
from bot.playground.slack.seed import ADA, TEAM
from tests.databases import Backend
from tests.scenario.house import CATALOG, House

ONE_KIND = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
RIGHTS = "  leads: {github_team: acme/sre}\n\nrights:\n  run: [leads]\n  audit: [sre]\n"


def line_of(catalog: Path, text: str) -> str:
    """Where this stands, as an explanation names it."""
    return f"{catalog}:{catalog.read_text().splitlines().index(text) + 1}"


@pytest.fixture
def audited(tmp_path: Path) -> Path:
    """The usual catalog, with a trail that the SRE group may read."""
    path = tmp_path / "slipway.yml"
    path.write_text(CATALOG.read_text().replace("\nrights:\n", RIGHTS, 1))
    return path


async def test_history_and_trail_tell_of_what_happened(database_url: str, audited: Path) -> None:
    async with House(database_url, catalog=audited) as house:
        await house.says("linus", "#deploys", "/deploy api staging because it is Friday")
        await house.reaches(State.SUCCEEDED)
        await house.card_says("deployed")
        await house.quiet()
        await house.says("margaret", "#deploys", "/history api since 1h")
        told = await house.answered("margaret", "What was deployed of api")
        assert "deploy to staging: succeeded after" in told
        assert "asked by @Linus" in told
        assert "because it is Friday" in told
        (card,) = house.cards("#api-deploys")
        assert f"#1 ({house.play.slack.url}/archives/C0APIDEPLO/p{card.ts.replace('.', '')})" in told

        await house.says("ada", "#deploys", "/audit #1")
        assert "Slipway · deployment moved #1 · api to staging" in await house.answered("ada", "trail")
        await house.says("ada", "#deploys", "/audit api staging by @linus")
        assert "· deployment asked #1 · api to staging" in await house.answered("ada", "asked #1")
        await house.says("ada", "#deploys", "/audit what=trail-read by @ada")
        assert 'words what="#1"' in await house.answered("ada", "trail read")
        await house.says("linus", "#deploys", "/audit #1")
        await house.answered("linus", "You can't read the audit trail.")
        assert (await house.app.store.audit.verify("T0ACME0001")).broken_at is None


@ONE_KIND
async def test_an_explanation_is_the_same_in_chat_and_on_the_command_line(
    database_url: str, audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with House(database_url, catalog=audited) as house:
        account = Account("github", str(house.play.github.world.users["ada"].id), "ada")
        async with house.app.store.units.begin(TEAM, Step.LINK_TURN) as uow:
            await uow.links.put(Link(ADA, account, uow.now))
        await house.says("linus", "#deploys", "/slipway explain @ada api production")
        told = await house.answered("linus", "Ada · api · production")
        assert "right to run: yes · by leads (GitHub team acme/sre)" in told
        assert f"deploy: yes · sre · `{line_of(audited, '        who: [sre]')}`" in told
        environ = house.play.environment() | {"SLIPWAY_CONFIG": str(audited), "DATABASE_URL": database_url}
        assert await explain_person(environ, "U0ADA00001", "api", "production") == 0
        assert capsys.readouterr().out.strip() == told.strip()
        for words, says in (
            (("ada", "api", "production"), "no Slack member ID"),
            (("U0ADA00001", "apy", "production"), "Did you mean `api`"),
            (("U0ADA00001", "api", "prod"), "There is no environment of api called `prod`."),
        ):
            with pytest.raises(UserError, match=says):
                await explain_person(environ, *words)


@ONE_KIND
async def test_older_pages_come_by_a_press(database_url: str) -> None:
    async with House(database_url, factor=60) as house:
        for number in range(1, 12):
            await house.says("ada", "#deploys", "/deploy web staging")
            await house.says("ada", "#deploys", "/state")
            await house.sees(lambda found: found.number > 0, number)
        await house.says("ada", "#deploys", "/history web")
        await house.answered("ada", "What was deployed of web")
        (page,) = [each for each in house.play.slack.ephemerals("ada") if "What was deployed" in each.text]
        assert (await house.play.slack.click("ada", page, "older"))["ok"]
        await house.answered("ada", "#1 ")
