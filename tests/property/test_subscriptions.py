"""What a subscription hears, against an oracle in the longest words; and its words, there and back."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.core.subscriptions import EVERY, Filter, News, Topic, made, read_filter

KNOWN = {"api": ("staging", "production"), "web": ("staging", "preview"), "worker": ("production",)}
ENVIRONMENTS = sorted({name for names in KNOWN.values() for name in names})
BRANCHES = ["main", "release/1", "release/2", "topic"]
PATTERNS = [*BRANCHES, "release/*", "t*", "*"]
WORKFLOWS = {"ci.yml": ["ci.yml", "ci"], ".github/workflows/nightly.yaml": ["nightly.yaml", "nightly"]}
FILES = ["ci", "ci.yml", "nightly.yaml", "night*", "*"]


def some(words: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), max_size=3)


filters = st.builds(
    made,
    some(list(KNOWN)),
    some(ENVIRONMENTS),
    st.lists(st.sampled_from(Topic), min_size=1, max_size=4),
    some(PATTERNS),
    some(FILES),
)
news = st.builds(
    News,
    st.sampled_from(Topic),
    st.none() | st.sampled_from(list(KNOWN)),
    st.none() | st.sampled_from(ENVIRONMENTS),
    st.none() | st.sampled_from(BRANCHES),
    st.none() | st.sampled_from(list(WORKFLOWS)),
)


def oracle(wanted: Filter, told: News) -> bool:
    """Each of the five questions by itself, in plain loops."""
    topic = any(each == told.topic for each in wanted.topics)
    service = told.service is None or not wanted.services
    for name in wanted.services:
        service = service or name == told.service
    environment = told.environment is None or not wanted.environments
    for name in wanted.environments:
        environment = environment or name == told.environment
    branch = not wanted.branches
    for pattern in wanted.branches:
        if told.branch is not None and told.branch.count("/") == pattern.count("/"):
            parts = zip(told.branch.split("/"), pattern.split("/"), strict=True)
            branch = branch or all(fnmatchcase(part, one) for part, one in parts)
    workflow = not wanted.workflows
    for pattern in wanted.workflows:
        names = WORKFLOWS[told.workflow] if told.workflow is not None else []
        workflow = workflow or any(fnmatchcase(name, pattern) for name in names)
    return topic and service and environment and branch and workflow


@given(filters, news)
def test_all_keys_must_fit_and_of_each_one_value(wanted: Filter, told: News) -> None:
    assert wanted.hears(told) == oracle(wanted, told)


@given(filters)
def test_what_it_says_means_the_same_again(wanted: Filter) -> None:
    services, *words = wanted.said.split()
    pairs = [(word.split("=")[0], word.split("=")[1]) for word in words]
    environments = {name for service in wanted.services or KNOWN for name in KNOWN[service]}
    if set(wanted.environments) <= environments:  # others are refused: nothing could ever be heard
        assert read_filter(services, pairs, KNOWN) == wanted


@given(some(list(KNOWN)), st.randoms())
def test_the_order_of_words_and_a_word_said_twice_mean_nothing(services: list[str], luck: Random) -> None:
    shuffled = services * 2
    luck.shuffle(shuffled)
    words = ",".join(shuffled) or EVERY
    assert read_filter(words, [], KNOWN) == read_filter(",".join(services) or EVERY, [], KNOWN)


@given(filters, news)
def test_a_narrower_wish_never_hears_more(wanted: Filter, told: News) -> None:
    """Each part left out makes it wider."""
    wider = [
        replace(wanted, services=()),
        replace(wanted, environments=()),
        replace(wanted, topics=tuple(Topic)),
        replace(wanted, branches=()),
        replace(wanted, workflows=()),
    ]
    if wanted.hears(told):
        assert [each.hears(told) for each in wider] == [True] * 5
