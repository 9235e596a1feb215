"""The words of a subscription, and what is said of those that mean nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import UserError
from bot.core.subscriptions import LONGEST, QUIET, News, Topic, made, read_filter

KNOWN = {"api": ("staging", "production"), "web": ("staging", "preview")}


def test_the_example_of_the_help() -> None:
    pairs = [("env", "production"), ("on", "failure,approval"), ("branch", "main")]
    found = read_filter("api", pairs, KNOWN)
    assert found.said == "api env=production on=failure,approval branch=main"
    assert found.hears(News(Topic.FAILURE, "api", "production", "main"))
    assert not found.hears(News(Topic.FAILURE, "api", "production", "topic"))
    assert not found.hears(News(Topic.FAILURE, "api", "staging", "main"))
    assert not found.hears(News(Topic.SUCCESS, "api", "production", "main"))
    assert not found.hears(News(Topic.FAILURE, "web", "production", "main"))


def test_without_words_on_events_it_is_quiet() -> None:
    assert read_filter("*", [], KNOWN).topics == QUIET
    assert read_filter("*", [], KNOWN).said == "* on=failure,recovered,approval,rollback"


def test_a_star_is_every_event() -> None:
    assert read_filter("api", [("on", "*")], KNOWN).topics == tuple(Topic)


def test_what_concerns_every_place_concerns_each() -> None:
    found = made(["api"], ["production"], [Topic.LOCK])
    assert found.hears(News(Topic.LOCK, None, "production"))
    assert found.hears(News(Topic.LOCK, None, None))
    assert not found.hears(News(Topic.LOCK, None, "staging"))


def test_what_has_no_branch_is_not_heard_by_who_names_one() -> None:
    assert not made(topics=[Topic.LOCK], branches=["main"]).hears(News(Topic.LOCK, "api", None))


def test_a_workflow_goes_by_its_file_with_or_without_its_ending() -> None:
    found = read_filter("api", [("workflow", "ci,.github/workflows/nightly.yaml")], KNOWN)
    assert found.said.endswith(" workflow=ci,nightly.yaml")
    told = News(Topic.FAILURE, "api", "", "main", ".github/workflows/ci.yml")
    assert found.hears(told)
    assert not found.hears(replace(told, workflow=".github/workflows/cinema.yml"))
    assert not found.hears(replace(told, workflow=None)), "a lock goes by no workflow"
    assert not replace(found, branches=("release",)).hears(told), "all keys must fit"


@pytest.mark.parametrize(
    ("services", "pairs", "said"),
    [
        ("apu", [], "There is no service called `apu`. Did you mean `api`?"),
        ("api,zzz", [], "There is no service called `zzz`. There are api, web."),
        (",", [], "The service wants something after it."),
        ("api", [("evn", "staging")], "`evn=` says nothing here. Did you mean `env=`?"),
        ("api", [("color", "red")], "There are `env=`, `on=`, `branch=`, `workflow=`."),
        ("api", [("env", "prodution")], "There is no environment called `prodution` there. Did you mean"),
        ("api", [("env", "preview")], "There is no environment called `preview` there."),
        ("api", [("on", "failed")], "`failed` is no event. Did you mean `failure`?"),
        ("api", [("on", "")], "`on=` wants something after it."),
        ("api", [("on", "lock"), ("ON", "freeze")], "`on=` is given twice."),
        ("api", [("branch", "x" * LONGEST)], "That is too long for one subscription."),
    ],
)
def test_a_wrong_word_is_named_with_the_nearest_right_one(
    services: str, pairs: list[tuple[str, str]], said: str
) -> None:
    with pytest.raises(UserError) as refused:
        read_filter(services, pairs, KNOWN)
    assert said in str(refused.value)
