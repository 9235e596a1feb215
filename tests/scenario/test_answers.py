"""What a person reads when the words are wrong, the rights are missing, or a button is old."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.playground.github.names import ActName
from bot.slack.manifest import manifest, render
from commands import COMMANDS
from tests.databases import Backend
from tests.scenario.house import CATALOG, House

ONE_KIND = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@ONE_KIND
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("/deploy aip staging", ["There is no service called `aip`", "Did you mean `api`", "/deploy api"]),
        ("/deploy api stagin", ["There is no environment of api called `stagin`", "Did you mean `staging`"]),
        ("/deploy api staging mian", ["has no branch, tag or commit `mian`", "`main`"]),
        ("/deploy api staging log_levle=debug", ["There is no input `log_levle`", "`log_level`"]),
        ("/deploy api staging log_level=loud", ["`log_level` can't be `loud`", "info, debug"]),
        ("/deploy api staging everything", ["`everything` is a word of the grammar", "ref=everything"]),
        ("/deploy api", ["Which environment?", "staging, production"]),
        ("/deploy api staging because hot emergency2 log_level=debug", ["can be read in two ways"]),
        ("/slipway dpeloy api staging", ["There is no command `dpeloy`", "Did you mean `deploy`"]),
        ("/slipway help deploy", ["Deploy a release of a service", "For example"]),
        ("/state apu", ["There is no service or environment called `apu`", "Did you mean `api`"]),
        ("/state #7", ["There is no deployment #7"]),
        ("/slipway status", ["What runs where", "api · staging"]),
    ],
)
async def test_wrong_words_get_the_nearest_right_ones(database_url: str, words: str, told: list[str]) -> None:
    async with House(database_url) as house:
        await house.says("ada", "#deploys", words)
        text = await house.answered("ada", told[0])
        assert all(part in text for part in told), text
        assert await house.deployment() is None


@ONE_KIND
async def test_a_secret_is_refused_and_never_kept(database_url: str) -> None:
    secret = "ghp_" + "a1B2" * 9
    async with House(database_url) as house:
        await house.says("ada", "#deploys", f"/deploy api staging because token {secret}")
        text = await house.answered("ada", "looks like a secret")
        assert secret not in text
        assert await house.deployment() is None
        trail = [line async for line in house.app.store.audit.export("T0ACME0001")]
        assert secret.encode() not in b"".join(trail)


@ONE_KIND
@pytest.mark.parametrize("person", ["linus", "gus"])
async def test_who_may_not_is_told_who_can(database_url: str, person: str) -> None:
    async with House(database_url) as house:
        await house.says(person, "#deploys", "/deploy api production")
        text = await house.answered(person, "You can't deploy api to production")
        assert "sre" in text
        assert await house.deployment() is None
        trail = [line async for line in house.app.store.audit.export("T0ACME0001")]
        assert any(b"RequestRefused" in line for line in trail)


async def test_somebody_elses_button_is_refused(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.RUNNING)
        await house.press("gus", "#api-deploys", "cancel")
        await house.answered("gus", "You can't cancel api to staging")
        still = await house.deployment()
        assert still is not None
        assert still.state is State.RUNNING
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED)


@ONE_KIND
async def test_ask_again_repeats_the_wish_under_the_rights_of_who_presses(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.FAIL_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging because it is late")
        await house.reaches(State.FAILED)
        await house.press("linus", "#api-deploys", "ask_again")
        again = await house.reaches(State.SUCCEEDED, 2)
        assert again.requested_by.name == "Linus"
        assert again.wish.reason == "it is late"


@ONE_KIND
async def test_every_command_works_below_slipway(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", "#deploys", "/slipway deploy api staging")
        await house.reaches(State.SUCCEEDED)


@ONE_KIND
async def test_with_a_prefix_every_answer_and_form_names_the_commands_so(
    database_url: str, tmp_path: Path
) -> None:
    renamed = tmp_path / "manifest.yml"
    renamed.write_text(render(manifest(COMMANDS, "x-")))
    async with House(database_url, factor=2, manifest=renamed, prefix="x-") as house:
        for words, told in (
            ("/x-state #7", "`/x-state` shows"),
            ("/x-slipway help", "`/x-slipway help deploy` explains"),
            ("/x-slipway dpeloy", "`/x-slipway help` explains them."),
            ("/x-deploy api", "For example: `/x-deploy api staging`"),
        ):
            await house.says("ada", "#deploys", words)
            await house.answered("ada", told)
        slack = house.play.slack
        await house.says("ada", "#deploys", "/x-deploy")
        await slack.until(lambda: any("service" in str(each.blocks) for each in slack.opened_views("ada")))
        view = slack.opened_views("ada")[-1]
        assert "The same as `/x-deploy api staging`" in str(view.blocks)
        wrong = await slack.submit(
            "ada", view, {"service": "web", "environment": "staging", "inputs": "everything"}
        )
        assert "“/x-deploy” does not take it here" in str(wrong)


@ONE_KIND
async def test_a_form_does_what_the_words_do(database_url: str) -> None:
    async with House(database_url, factor=2) as house:
        slack = house.play.slack
        await house.says("ada", "#deploys", "/deploy")
        await slack.until(lambda: any("service" in str(each.blocks) for each in slack.opened_views("ada")))
        view = slack.opened_views("ada")[-1]
        wrong = await slack.submit("ada", view, {"service": "web", "environment": "production"})
        assert "environment" in wrong["errors"], wrong
        done = await slack.submit("ada", view, {"service": "api", "environment": "staging", "ref": "v1.5.0"})
        assert done["ok"], done
        ended = await house.ends()
        assert ended.state is State.SUCCEEDED
        assert ended.wish.ref == "v1.5.0"


@ONE_KIND
async def test_no_card_is_shown_to_another_organisation(database_url: str, tmp_path: Path) -> None:
    catalog = tmp_path / "slipway.yml"
    catalog.write_text(CATALOG.read_text().replace('channel: "#api-deploys"', 'channel: "#payments"'))
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.answered("ada", "#payments is shared with people of other organisations")
        assert await house.deployment() is None
        assert house.cards("#payments") == []


@ONE_KIND
async def test_a_command_that_comes_from_another_workspace_is_left_alone(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", "#deploys", "/state")
        await house.answered("ada", "What runs where")
        await house.says("sam", "#payments", "/deploy api staging")
        await house.quiet()
        assert house.play.slack.ephemerals("sam") == []
        assert await house.deployment() is None


async def test_socket_mode_needs_no_public_address(database_url: str) -> None:
    async with House(database_url, factor=5, socket_mode=True) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.card_says("deployed")
