"""/run, from the words in the chat to the finished card, on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.values import Kind
from bot.playground.control import ANYWHERE, Fault, FaultKind
from bot.playground.github.names import ActName
from tests.scenario.house import CATALOG, House

ALLOWED = """    owners: [payments]
    workflows:
      release.yml: {who: [payments, sre], refs: [main, "v*"], inputs: {draft: "false"}}
"""
CHANNEL = "#api-deploys"


def catalog(folder: Path, rules: str = ALLOWED) -> Path:
    file = folder / "slipway.yml"
    file.write_text(CATALOG.read_text().replace("    owners: [payments]\n", rules, 1))
    return file


async def test_a_workflow_is_started_with_what_was_typed(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=catalog(tmp_path)) as house:
        await house.says("ada", "#deploys", "/run release.yml on main version=v1.6.0 because the board waits")
        said = await house.answered("ada", "Asked for release.yml of api")
        assert "#1" in said
        ended = await house.reaches(State.SUCCEEDED)
        await house.card_says("#1 release.yml of api: done", CHANNEL)
        assert ended.wish.kind is Kind.RUN
        (sent,) = house.play.github.dispatches()
        assert "/release.yml/" in sent.path
        assert json.loads(sent.body)["inputs"] == {"version": "v1.6.0", "draft": "false"}
        await house.quiet()
        assert (await house.app.store.audit.verify(ended.workspace)).broken_at is None
        live = await house.app.store.queries.live(ended.workspace, "api", "staging")
        assert live is None, "a workflow brings no release anywhere"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("release.yml", "`version` is missing"),
        ("release.yml version=v1 bump=minor", "There is no input `bump`"),
        ("release.yml version=v1 draft=true", "There is no input `draft`"),
        ("deploy.yml", "There is no workflow `deploy.yml`"),
        ("relaese.yml version=v1", "Did you mean `release.yml`?"),
        ("release.yml on develop version=v1", "`develop`"),
    ],
)
async def test_what_does_not_fit_is_said_and_starts_nothing(
    database_url: str, tmp_path: Path, words: str, said: str
) -> None:
    async with House(database_url, catalog=catalog(tmp_path)) as house:
        await house.says("ada", "#deploys", f"/run {words}")
        await house.answered("ada", said)
        assert house.play.github.dispatches() == []
        assert await house.deployment() is None


async def test_a_run_that_needs_an_approval_waits_for_it(database_url: str, tmp_path: Path) -> None:
    rules = ALLOWED.replace("refs:", "approvals: {count: 1, from: [sre], exclude: [requester]}, refs:")
    async with House(database_url, catalog=catalog(tmp_path, rules)) as house:
        await house.says("ada", "#deploys", "/run release.yml version=v1.6.0")
        await house.card_says("release.yml of api", CHANNEL)
        await house.reaches(State.WAITING)
        await house.says("margaret", CHANNEL, "/approve #1")
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_a_failing_job_is_told_as_with_a_deploy(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=catalog(tmp_path)) as house:
        await house.act(ActName.FAIL_NEXT, job="release")
        await house.says("ada", "#deploys", "/run release.yml version=v1.6.0")
        await house.reaches(State.FAILED)
        assert "release failed" in (await house.replied(CHANNEL, "failed")).text
        card = next(each for each in house.cards(CHANNEL) if each.text.startswith("#1 "))
        assert "'roll_back'" not in str(card.blocks), "no release went anywhere"
        await house.press("ada", CHANNEL, ActionId.ASK_AGAIN)
        again = await house.reaches(State.SUCCEEDED, 2)
        assert (again.wish.kind, dict(again.wish.inputs)) == (Kind.RUN, {"version": "v1.6.0"})


async def test_nothing_is_asked_for_while_the_file_cannot_be_read(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=catalog(tmp_path)) as house:
        house.play.github.control.faults = [Fault(ANYWHERE, FaultKind.ERROR_503, 1_000)]
        await house.says("ada", "#deploys", "/run release.yml version=v1.6.0")
        await house.answered("ada", "did not say in time")
        assert await house.deployment() is None


async def test_who_may_not_start_it_is_told_who_can(database_url: str, tmp_path: Path) -> None:
    rules = ALLOWED.replace("[payments, sre], refs", "[sre], refs")
    async with House(database_url, catalog=catalog(tmp_path, rules)) as house:
        await house.says("grace", "#deploys", "/run release.yml version=v1.6.0")
        await house.answered("grace", "You can't start release.yml of api.")
        assert await house.deployment() is None
