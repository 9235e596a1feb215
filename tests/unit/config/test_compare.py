"""A reviewer sees what a change of the catalog does."""

from __future__ import annotations

import pytest

from bot.config.compare import Direction, compare
from tests.unit.config.catalogs import good, with_environment

BASE = "{who: [sre], approvals: {count: 1, from: [sre]}, refs: [main], checks: [test]}"
TOP = 'prometheus: {main: {url: "https://prometheus.example"}}'


def changes(old: str, new: str) -> list[str]:
    before, after = (good(with_environment(text, top=TOP)) for text in (old, new))
    return [f"{each.direction}: {each.what}" for each in compare(before, after)]


def test_nothing_changed() -> None:
    assert changes(BASE, BASE) == []
    assert changes(BASE, BASE[:-1] + ", channel: '#x', announce: none}") == []


@pytest.mark.parametrize(
    ("old", "new", "stricter", "looser"),
    [
        ("who: [sre, duo]", "who: [sre]", "who may deploy taken out: duo", "who may deploy added: duo"),
        ("refs: [main, x]", "refs: [main]", "reference taken out: x", "reference added: x"),
        ("checks: [a]", "checks: [a, b]", "check added: b", "check taken out: b"),
        ("announce: all", "tier: production", "tier production", "tier standard"),
        (
            "approvals: {count: 1, from: [sre]}",
            "approvals: {count: 2, from: [sre]}",
            "approvals: 2 instead of 1",
            "approvals: 1 instead of 2",
        ),
        (
            "approvals: {count: 1, from: [sre, duo]}",
            "approvals: {count: 1, from: [sre]}",
            "approvals, voters taken out: duo",
            "approvals, voters added: duo",
        ),
        (
            "approvals: {exclude: [requester]}",
            "approvals: {exclude: [requester, authors]}",
            "approvals, excluded added: authors",
            "approvals, excluded taken out: authors",
        ),
        (
            "approvals: {confirm: false}",
            "approvals: {confirm: true}",
            "approvals: confirm on",
            "approvals: confirm off",
        ),
        (
            "approvals: {expires: 2h}",
            "approvals: {expires: 1h30m}",
            "approvals expire after 1h30m",
            "approvals expire after 2h",
        ),
        (
            "approvals: {unknown_authors: warn}",
            "approvals: {unknown_authors: closed}",
            "approvals: unknown authors closed",
            "approvals: unknown authors warn",
        ),
        (
            "promote_from: []",
            "promote_from: staging",
            "promotion from added: staging",
            "promotion from taken out: staging",
        ),
        (
            "promote_from: {environment: staging, within: 7d}",
            "promote_from: {environment: staging, within: 1d}",
            "promotion from staging: another `within`",
            "promotion from staging: another `within`",
        ),
        (
            "promote_from: {environment: staging}",
            "promote_from: {environment: staging, soak: 2h}",
            "promotion from staging: another `soak`",
            "promotion from staging: another `soak`",
        ),
        (
            "freeze: []",
            "freeze: [{from: 2026-12-20, to: 2026-12-21, reason: rest}]",
            "freeze added: rest",
            "freeze taken out: rest",
        ),
        (
            "checklist: {}",
            "checklist: {before: [{auto: checks}]}",
            "checklist item added: checks",
            "checklist item taken out: checks",
        ),
        (
            "verify: []",
            "verify: [{workflow: smoke.yml}]",
            "verification added: smoke.yml",
            "verification taken out: smoke.yml",
        ),
        (
            "pipeline: {pin: check}",
            "pipeline: {pin: tag}",
            "pin tag instead of check",
            "pin check instead of tag",
        ),
        ("rights: {run: [sre]}", "rights: {}", "right run taken out: sre", "right run added: sre"),
        (
            "reachable_from: [main, next]",
            "reachable_from: [main]",
            "branch a release may be on taken out: next",
            "branch a release may be on added: next",
        ),
    ],
)
def test_each_change_has_its_direction(old: str, new: str, stricter: str, looser: str) -> None:
    before, after = (f"{{{'' if 'who:' in each else 'who: [sre], '}{each}}}" for each in (old, new))
    assert f"stricter: {stricter}" in changes(before, after)
    assert f"looser: {looser}" in changes(after, before)
    assert not [each for each in changes(before, after) if each.startswith("looser")]


@pytest.mark.parametrize(
    ("new", "what"),
    [
        (BASE[:-1] + ", strategy: {kind: argo-rollouts, rollout: api}}", "strategy"),
        (BASE[:-1] + ", pipeline: {workflow: other.yml}}", "pipeline"),
        (BASE[:-1] + ", reachable_from: [main]}", "reachable from main"),
        (BASE[:-1] + ", rollback: {automatic: true}}", "rollback"),
        (BASE.replace("checks: [test]", "checks: [{name: test, app: ci}]"), "checks"),
    ],
)
def test_what_has_no_more_and_less_is_only_different(new: str, what: str) -> None:
    assert changes(BASE, new) == [f"different: {what}"]


def test_a_name_that_stands_for_others_is_told() -> None:
    old = good(with_environment(BASE))
    new = good(with_environment(BASE).replace("acme/sre", "acme/everybody"))
    assert "who may deploy: `sre` stands for other people" in [each.what for each in compare(old, new)]


def test_environments_come_and_go() -> None:
    old, new = (good(with_environment("who: [sre]", name=name)) for name in ("production", "preview"))
    assert [(each.environment, each.direction) for each in compare(old, new)] == [
        ("preview", Direction.ADDED),
        ("production", Direction.REMOVED),
    ]
    assert str(compare(old, new)[0]) == "api preview: added: a new environment"
