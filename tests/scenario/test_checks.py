"""Checks, from chat to effect: green on the exact commit and from the right source, or nothing runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.core.lifecycle import State
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "checks.yml"
CHANNEL = "#deploys"
EVIL = """name: Evil
on: {push: {branches: ["**"]}}
jobs:
  test: {runs-on: ubuntu-latest, steps: [{name: Say yes, run: "true"}]}
"""
ENDLESS = 1_000_000
PATIENCE = 20.0


def house_of(database_url: str, factor: float = 20.0) -> House:
    return House(database_url, factor=factor, catalog=CATALOG)


async def say(house: House, conclusion: str, app: str = "scanner", name: str = "scan", **more: Any) -> None:
    """An app says something about a commit; of `main`, if none is named."""
    await house.act(ActName.ADD_CHECK, repository="worker", name=name, app=app, conclusion=conclusion, **more)


async def ask(house: House, environment: str, person: str = "ada") -> None:
    await house.says(person, CHANNEL, f"/deploy worker {environment}")


async def card_says(house: House, words: str, number: int = 1) -> None:
    await house.card_says(words, CHANNEL, number)


async def test_a_commit_whose_checks_are_green_goes_into_production(database_url: str) -> None:
    async with house_of(database_url) as house:
        await ask(house, "production")
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_a_failed_check_is_named_with_its_link_and_a_rerun_lets_it_go(database_url: str) -> None:
    async with house_of(database_url) as house:
        await house.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
        await house.act(ActName.ADD_COMMIT, repository="worker")
        await ask(house, "production")
        await card_says(house, "test is not green")
        (card,) = house.cards(CHANNEL)
        assert "/actions/runs/" in str(card.blocks)
        assert "Run it again" in str(card.blocks)
        assert house.play.github.dispatches() == []
        run = next(
            run
            for run in reversed(list(house.play.github.world.repository("acme/worker").runs.values()))  # type: ignore[union-attr]
            if run.path.endswith("ci.yml")
        )
        await house.act(ActName.RERUN, run=run.id)
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_a_webhook_lets_it_go_at_once(database_url: str) -> None:
    """The next look by itself would be in a minute of this clock, longer than the test waits."""
    async with house_of(database_url, factor=1) as house:
        await say(house, "pending")
        await ask(house, "staging")
        await card_says(house, "scan has not ended")
        await say(house, "success")
        await house.sees(lambda found: found.run is not None)


async def test_a_status_lets_nothing_go_and_a_lost_webhook_only_takes_longer(database_url: str) -> None:
    async with house_of(database_url, factor=60) as house:
        await ask(house, "staging")
        await card_says(house, "scan is missing")
        await house.act(ActName.ADD_STATUS, repository="worker", context="scan", state="success")
        await card_says(house, "scan does not count")
        assert house.play.github.dispatches() == []
        await house.act(ActName.WEBHOOKS, mode="drop")
        await say(house, "success")
        await house.reaches(State.SUCCEEDED)


async def test_what_cannot_be_read_is_closed_until_it_can(database_url: str) -> None:
    async with house_of(database_url, factor=60) as house:
        github = house.play.github.control
        github.faults = [Fault(Where.STATUSES, FaultKind.ERROR_503, ENDLESS)]
        await ask(house, "production")
        await card_says(house, "can't be read which checks are green")
        assert house.play.github.dispatches() == []
        github.faults = []
        await house.reaches(State.SUCCEEDED)


async def test_no_forged_check_opens_production(database_url: str) -> None:
    """Another workflow's job, a check made by the API, another app and a status: all of the right name."""
    async with house_of(database_url) as house:
        await house.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
        told = await house.play.github.acts.perform(ActName.ADD_COMMIT, repository="worker")
        at = str(told["sha"])
        evil = {".github/workflows/evil.yml": EVIL}
        await house.act(ActName.ADD_COMMIT, repository="worker", branch="sneaky", files=evil)
        for app in ("github-actions", "helpful-bot"):
            await say(house, "success", app, "test", sha=at)
        await house.act(ActName.ADD_STATUS, repository="worker", sha=at, context="test", state="success")
        await ask(house, "production")
        await card_says(house, "test is not green")
        await house.press("ada", CHANNEL, "cancel")
        await house.ends()
        assert house.play.github.dispatches() == []


async def test_what_turns_red_while_it_waits_its_turn_does_not_start(database_url: str) -> None:
    async with house_of(database_url) as house:
        await say(house, "success")
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await ask(house, "staging")
        await house.reaches(State.RUNNING)
        await ask(house, "staging", "linus")
        await card_says(house, "Waiting for #1", 2)
        await say(house, "failure")
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED)
        await card_says(house, "scan is not green", 2)
        assert len(house.play.github.dispatches()) == 1
        await say(house, "success")
        await house.reaches(State.SUCCEEDED, 2)


async def another_run(house: House, event: str, **more: Any) -> None:
    """Of the checks of `main`, started by something else than its push; after the end of all others."""
    await house.act(ActName.START_RUN, repository="worker", workflow="ci.yml", event=event, **more)
    await all_ended(house)


async def all_ended(house: House) -> None:
    repository = house.play.github.world.repository("acme/worker")
    assert repository is not None
    async with asyncio.timeout(PATIENCE):
        while any(run.latest.conclusion is None for run in repository.runs.values()):
            await house.play.github.changed(0.1)


async def test_a_green_run_for_a_pull_request_hides_no_red_one_of_the_push(database_url: str) -> None:
    """A pull request from `main` into a branch whose workflow tests nothing shows up on the same commit."""
    async with house_of(database_url) as house:
        gutted = {".github/workflows/ci.yml": EVIL}
        await house.act(ActName.ADD_COMMIT, repository="worker", branch="develop", files=gutted)
        await house.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
        await house.act(ActName.ADD_COMMIT, repository="worker")
        await all_ended(house)
        await another_run(house, "pull_request", base="develop")
        await ask(house, "production")
        await card_says(house, "test is not green")
        assert house.play.github.dispatches() == []


async def test_a_run_for_a_pull_request_alone_opens_nothing_until_one_for_the_push(database_url: str) -> None:
    async with house_of(database_url) as house:
        await house.act(ActName.DISABLE_WORKFLOW, repository="worker", workflow="ci.yml")
        await house.act(ActName.ADD_COMMIT, repository="worker")
        await house.act(ActName.DISABLE_WORKFLOW, repository="worker", workflow="ci.yml", enabled=True)
        await another_run(house, "pull_request")
        await ask(house, "production")
        await card_says(house, "test ran on another tree")
        (card,) = house.cards(CHANNEL)
        assert "test ran for a pull request, on another tree; it does not count." in str(card.blocks)
        assert "on the branch of this commit, by a push or by hand" in str(card.blocks)
        assert house.play.github.dispatches() == []
        await another_run(house, "push")
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_a_red_run_for_a_pull_request_closes_nothing(database_url: str) -> None:
    async with house_of(database_url) as house:
        await house.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
        await another_run(house, "pull_request")
        await ask(house, "production")
        await house.reaches(State.SUCCEEDED)
