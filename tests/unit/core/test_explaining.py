"""An explanation says what authorise() says, by which names, and where that was written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.config.catalog import read_texts
from bot.core.catalog import Catalog
from bot.core.errors import Denied
from bot.core.explaining import Explained, explain
from bot.core.policy import Permission, authorise
from bot.core.values import Person
from tests.fakes.samples import ADA, FORMER, GUEST, LINUS, STRANGER

TEXT = """\
version: 1
rights:
  admin: [sre]
  audit: [sre]
people:
  everyone: {members: true}
  sre: {slack_group: sre}
  both: {all: [sre, everyone]}
defaults:
  who: [everyone]
services:
  api:
    repository: github:acme/api
    owners: [both]
    rights: {audit: [both]}
    pipeline: {workflow: deploy.yml, inputs: {version: "{sha}"}}
    environments:
      staging:
        refs: ["*"]
        rights: {audit: [everyone]}
      production:
        tier: production
        refs: [main]
        who: [sre]
        approvals: {count: 1, from: [both]}
  vault:
    repository: github:acme/vault
    visible_to: [sre]
    pipeline: {workflow: deploy.yml, inputs: {version: "{sha}"}}
    environments:
      staging: {refs: ["*"]}
"""


def known() -> Catalog:
    result = read_texts({"slipway.yml": TEXT})
    assert result.catalog is not None, result.errors
    return result.catalog


CATALOG = known()


def line_of(text: str, nth: int = 0) -> str:
    """Where this stands in the catalog, as an explanation names it."""
    found = [number for number, each in enumerate(TEXT.splitlines(), 1) if text in each]
    return f"slipway.yml:{found[nth]}"


def told(person: Person, service: str, environment: str) -> dict[str, Explained]:
    entry, place = CATALOG.service(service), CATALOG.environment(service, environment)
    assert entry is not None
    assert place is not None
    return {each.what: each for each in explain(person, CATALOG, entry, place).lines}


def test_it_names_the_word_that_decides_and_its_line() -> None:
    deploy = told(ADA, "api", "production")["deploy"]
    assert deploy.allowed
    assert (deploy.why, deploy.where) == ("sre", line_of("who: [sre]"))
    denied = told(LINUS, "api", "production")["deploy"]
    assert not denied.allowed
    assert "That is for sre" in denied.why
    assert denied.where == line_of("who: [sre]")


def test_what_is_inherited_is_named_where_it_was_written() -> None:
    assert told(LINUS, "api", "staging")["deploy"].where == line_of("who: [everyone]")


def test_the_nearest_word_on_a_right_is_named() -> None:
    staging, production, vault = (
        told(ADA, service, place)["right to audit"]
        for service, place in (("api", "staging"), ("api", "production"), ("vault", "staging"))
    )
    assert staging.where == line_of("audit: [everyone]")
    assert production.where == line_of("audit: [both]")
    assert vault.where == line_of("audit: [sre]")
    assert production.why == "by both (full members and Slack group sre)"
    nobody = told(ADA, "api", "staging")["right to tokens"]
    assert (nobody.allowed, nobody.why, nobody.where) == (False, "nobody is named", "")


def test_who_may_approve_is_told_with_who_is_left_out() -> None:
    approve = told(ADA, "api", "production")["be one of 1 who approve"]
    assert approve.allowed
    assert "left out: authors, co authors, requester" in approve.why
    assert approve.where == line_of("approvals:")
    assert not told(LINUS, "api", "production")["be one of 1 who approve"].allowed
    assert "be one of 1 who approve" not in told(ADA, "api", "staging")


@pytest.mark.parametrize("person", [LINUS, GUEST, STRANGER, replace(ADA, groups=frozenset())])
def test_of_a_hidden_service_only_that_is_told(person: Person) -> None:
    (only,) = told(person, "vault", "staging").values()
    assert (only.what, only.allowed, only.where) == ("know of it", False, line_of("visible_to"))
    assert told(ADA, "vault", "staging")["know of it"].allowed


def test_who_left_may_nothing_and_strangers_see_nothing() -> None:
    (gone,) = told(FORMER, "api", "staging").values()
    assert (gone.allowed, gone.why) == (False, "the account is deactivated")
    (stranger,) = told(STRANGER, "api", "staging").values()
    assert not stranger.allowed
    assert "external: true" in stranger.why


@pytest.mark.parametrize("person", [ADA, LINUS, GUEST])
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_it_never_disagrees_with_what_decides(person: Person, environment: str) -> None:
    entry, place = CATALOG.service("api"), CATALOG.environment("api", environment)
    lines = told(person, "api", environment)
    for permission in Permission:
        if permission.value not in lines:
            continue
        try:
            authorise(permission, person, CATALOG, entry, place)
            may = True
        except Denied:
            may = False
        assert lines[permission.value].allowed is may
    assert {"deploy", "cancel", "settle"} <= lines.keys()
