"""What channels see of a run that nobody asked us for; the text alone says enough on a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.following import About, RunChange, RunRecord
from bot.core.run_words import LOOKS
from bot.core.runs import RunRef, RunStatus, Stage
from bot.slack.views.blocks import Message
from bot.slack.views.run_card import GONE, WORDS, run_brief, run_card, run_reply, run_words
from tests.fakes.samples import LINUS, NOON, run
from tests.golden import golden
from tests.unit.slack.slack_takes import leaves, must_be_harmless, must_fit

ABOUT = About("CI", ".github/workflows/ci.yml", "main", "push", "grace", 7, "Add refunds", actor_id="42")
ABOUT = replace(ABOUT, commit_url="https://code.test/commit/a")
REF = RunRef("github", "acme/api", "101")
DONE = {"started_at": NOON, "ended_at": NOON + timedelta(seconds=90)}
BUILD = Stage("build", RunStatus.SUCCESS, "", "https://code.test/1", NOON, NOON + timedelta(seconds=40))
TEST = Stage(
    "test", RunStatus.FAILURE, "Run pytest", "https://code.test/2", NOON, NOON + timedelta(seconds=50)
)
WAITS = Stage("publish", RunStatus.WAITING, "", "https://code.test/3")


def reply(found: RunRecord, change: RunChange, person: str | None) -> Message:
    return run_reply(found, change, run_words(found, change, person))


def record(status: RunStatus, *stages: Stage, **changes: Any) -> RunRecord:
    about, more = changes.pop("about", ABOUT), changes.pop("vanished_at", None)
    return RunRecord(
        run(status, stages=stages, title="Add refunds", **changes), about, NOON, NOON, None, None, more
    )


RUN_CARDS = {
    "failed": record(RunStatus.FAILURE, BUILD, TEST, attempt=2, **DONE),
    "running": record(
        RunStatus.RUNNING, replace(BUILD, status=RunStatus.RUNNING, detail="Compile", ended_at=None)
    ),
    "succeeded": record(RunStatus.SUCCESS, BUILD, replace(TEST, status=RunStatus.SUCCESS), **DONE),
    "waiting": record(RunStatus.RUNNING, BUILD, WAITS),
}


SAID = {RunChange.FAILED: "failed", RunChange.RECOVERED: "succeeded", RunChange.WAITS: "waiting"}
MADE = {f"card-of-run-{name}" for name in RUN_CARDS} | {f"run-says-{name}" for name in SAID.values()}


@pytest.mark.parametrize("name", RUN_CARDS)
def test_the_card_of_a_run(name: str) -> None:
    made = run_card(RUN_CARDS[name])
    must_fit(made)
    golden(f"card-of-run-{name}", made)


@pytest.mark.parametrize("change", SAID)
def test_what_is_said_of_a_run(change: RunChange) -> None:
    made = reply(RUN_CARDS[SAID[change]], change, LINUS.id)
    must_fit(made)
    golden(f"run-says-{SAID[change]}", made)


def test_the_text_alone_says_it_all() -> None:
    said = run_card(RUN_CARDS["failed"])["text"]
    for word in (
        "CI on main of acme/api, attempt 2: failed",
        "in test at “Run pytest”",
        "Add refunds, by grace",
    ):
        assert word in said
    assert "aaaaaaa" in said


def test_it_rings_for_who_is_known_alone() -> None:
    for change in RunChange:
        rung = reply(RUN_CARDS["failed"], change, LINUS.id)
        assert [leaf["user_id"] for leaf in leaves(rung) if leaf.get("type") == "user"] == [LINUS.id]
        assert not [
            leaf for leaf in leaves(reply(RUN_CARDS["failed"], change, None)) if leaf.get("type") == "user"
        ]
    assert not [leaf for leaf in leaves(run_card(RUN_CARDS["failed"])) if leaf.get("type") == "user"]


@pytest.mark.parametrize("status", RunStatus)
def test_every_status_has_a_look_with_and_without_what_it_is_of(status: RunStatus) -> None:
    assert status in LOOKS
    assert status in WORDS
    for about in (ABOUT, None, About("", "", "", "", "", 0, "")):
        for ended in ({}, DONE):
            must_fit(run_card(record(status, about=about, **ended), with_plan=False))
    plain = run_card(record(RunStatus.FAILURE, BUILD, TEST, **DONE), with_plan=False)
    assert "build: done, 40s" in str(plain)


def test_one_that_is_gone_says_so_and_leads_nowhere() -> None:
    made = run_card(record(RunStatus.RUNNING, WAITS, vanished_at=NOON))
    assert GONE[1] in str(made)
    assert "waits" not in str(made)
    assert not [leaf for leaf in leaves(made) if leaf.get("type") == "button"]


def test_many_failed_jobs_are_counted() -> None:
    many = [replace(TEST, name=f"test {number}") for number in range(300)]
    made = run_card(record(RunStatus.FAILURE, *many, **DONE))
    must_fit(made)
    assert "… and 295 more" in str(made)
    assert "and 298 more" in made["text"]
    must_fit(reply(record(RunStatus.FAILURE, *many, **DONE), RunChange.FAILED, None))


@pytest.mark.parametrize(
    "name", ["<!channel>", "<@U0ADA00001>", "x" * 5_000, "a\u202eb", "*bold* `code` &amp;"]
)
def test_no_name_becomes_markup_or_hides(name: str) -> None:
    about = About(name, name, name, name, name, 7, name, actor_id="42", commit_url="https://code.test/c")
    bad = record(RunStatus.FAILURE, replace(TEST, name=name, detail=name), about=about, **DONE)
    for made in (run_card(bad), run_card(bad, with_plan=False), reply(bad, RunChange.FAILED, None)):
        must_fit(made)
        must_be_harmless(made, name)


def test_in_a_summary_what_failed_is_loud() -> None:
    loud = run_brief(RUN_CARDS["failed"], [RunChange.FAILED])
    assert loud.loud
    assert loud.text.plain() == "CI on main of acme/api, attempt 2: failed in test at “Run pytest”"
    assert not run_brief(RUN_CARDS["succeeded"], [RunChange.RECOVERED]).loud
    assert not run_brief(RUN_CARDS["running"], []).loud
