"""Short catalogs for the tests of bot.config."""

from __future__ import annotations

from textwrap import dedent, indent

from bot.config.catalog import CatalogResult, read_texts
from bot.core.catalog import Catalog, Environment

PEOPLE = """
people:
  everyone: {members: true}
  sre: {github_team: acme/sre}
  duo: {users: [U024BE7LH, U024BE7LX]}
"""
PIPELINE = '{workflow: deploy.yml, inputs: {version: "{sha}"}}'


def read(text: str) -> CatalogResult:
    """The result of one file."""
    return read_texts({"slipway.yml": dedent(text)})


def with_environment(environment: str, *, name: str = "production", service: str = "", top: str = "") -> str:
    """A catalog with the service api and this one environment beside staging."""
    return "\n".join(
        [
            "version: 1",
            dedent(top),
            PEOPLE,
            "services:",
            "  api:",
            "    repository: github:acme/api",
            f"    pipeline: {PIPELINE}",
            indent(dedent(service), "    "),
            "    environments:",
            "      staging: {who: [everyone]}",
            f"      {name}:",
            indent(dedent(environment), "        "),
        ]
    )


def good(text: str) -> Catalog:
    """The catalog of a text in which nothing is wrong."""
    result = read(text)
    assert result.catalog is not None, [str(each) for each in result.errors]
    return result.catalog


def environment(text: str, name: str = "production") -> Environment:
    """That environment of the service api."""
    found = good(text).environment("api", name)
    assert found is not None
    return found


def said(text: str) -> list[str]:
    """What is wrong, without the places."""
    return [f"{each.message}; {each.hint}" if each.hint else each.message for each in read(text).errors]


def warned(text: str) -> list[str]:
    """What is only warned of."""
    return [each.message for each in read(text).warnings]
