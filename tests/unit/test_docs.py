"""What the documents say is there: links, pictures, catalogs, commands, targets, variables, routes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import _parser
from bot.app.generated import BEGIN, END
from bot.config.catalog import read_texts
from bot.config.settings import SECRETS, VARIABLES
from commands import COMMANDS
from integrations.github.workflow_files import parse

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
README = TEXTS["README.md"]
YAML = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
NOT_OURS = {"KUBECONFIG", "EDITOR", "PORT", "ARGS", "UPGRADE", "PYTHON", "PWD", "CHROMIUM", "README_PICTURES"}
LARGEST_PICTURE = 200_000


def links(text: str) -> Iterator[str]:
    """The targets of links and pictures that are not in code and stay inside the repository."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'src="([^"]+)"', prose):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """The headings as a browser names them."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def code(text: str) -> str:
    """Everything that stands as code, inline or in a shell block."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", prose)])


def subcommands() -> dict[str, argparse.ArgumentParser]:
    """The command line's subcommands by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name: str) -> None:
    broken = []
    for target in links(TEXTS[name]):
        path, _, anchor = target.partition("#")
        page = (ROOT / name).parent / path if path else ROOT / name
        if not page.exists() or (anchor and anchor not in anchors(page.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert [each.name for each in pictures if each.stat().st_size > LARGEST_PICTURE] == []


def test_the_first_catalog_of_the_readme_is_in_order() -> None:
    catalogs = [each for each in YAML if each.startswith("version:")]
    assert len(catalogs) == 1
    result = read_texts({"README.md": catalogs[0]})
    assert [str(each) for each in (*result.errors, *result.warnings)] == []
    assert result.catalog is not None


def test_the_workflow_of_the_readme_takes_what_its_catalog_sends() -> None:
    workflow = next(parse(each) for each in YAML if not each.startswith("version:"))
    assert workflow is not None
    assert workflow.dispatchable
    catalog = read_texts({"README.md": next(each for each in YAML if each.startswith("version:"))}).catalog
    assert catalog is not None
    for environment in catalog.services[0].environments:
        assert environment.policy.pipeline is not None
        sent = {name for name, _ in environment.policy.pipeline.inputs}
        assert workflow.required <= sent <= workflow.inputs


@pytest.mark.parametrize("name", TEXTS)
def test_every_subcommand_and_option_exists(name: str) -> None:
    known = subcommands()
    told = re.findall(r"(?<![\w/.-])slipway ([a-z]+)((?: +--[a-z-]+)*)", code(TEXTS[name]))
    spoken = {command.name for command in COMMANDS}
    unknown = [word for word, _ in told if word not in known and word not in spoken]
    assert unknown == []
    for word, options in told:
        for option in options.split():
            assert option in known[word]._option_string_actions, f"slipway {word} {option}"


@pytest.mark.parametrize("name", TEXTS)
def test_every_target_of_make_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", code(TEXTS[name]))) <= targets


@pytest.mark.parametrize("name", TEXTS)
def test_every_variable_is_a_setting(name: str) -> None:
    known = set(VARIABLES) | {f"{secret}_FILE" for secret in SECRETS} | NOT_OURS | {"NAME_FILE"}
    told = re.findall(r"(?<![\w{.])(?:[A-Z]+_[A-Z_]*[A-Z]|KUBECONFIG)\b", code(TEXTS[name]))
    assert {word for word in told if word.split("_")[0] in PREFIXES} <= known


PREFIXES = {"SLIPWAY", "SLACK", "GITHUB", "GITLAB", "JENKINS", "ALERTMANAGER", "DATABASE", "KUBECONFIG"}


def test_every_slash_command_of_the_readme_is_one() -> None:
    known = {f"/{command.name}" for command in COMMANDS if command.name != "help"} | {"/slipway"}
    told = re.findall(r"(?<![\w.}>\]/])(/(?:deploy|state|rollback|promote|slipway|status)\b)", code(README))
    assert told
    assert set(told) <= known


def test_the_commands_stand_in_the_readme() -> None:
    _, _, rest = README.partition(BEGIN)
    table, _, _ = rest.partition(END)
    assert [command.name for command in COMMANDS if command.name not in table] == []
