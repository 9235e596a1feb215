"""The reference says everything, and its examples are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.config import shape, shape_alerts, shape_rollout, shape_rules
from bot.config.catalog import read_texts
from bot.config.secret_values import EXAMPLE
from bot.config.settings import SECRETS, VARIABLES
from bot.config.shape_base import Shape, keys_of
from bot.core.catalog import Announce, Every, Tier
from bot.core.pipelines import InputType, Pin, Provider, Start
from bot.core.placeholders import Placeholder
from bot.core.rollout import Traffic
from bot.core.rules import AutomaticItem, Exclusion, Right, UnknownAuthors

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", REFERENCE, flags=re.DOTALL)
WORDS = {word.strip('{}"') for word in re.findall(r"`([^`\n]+)`", PROSE)}
ENUMS = (
    *(Announce, Every, Tier, InputType, Pin, Provider, Start, Placeholder, Traffic),
    *(AutomaticItem, Exclusion, Right, UnknownAuthors),
)


def shapes() -> Iterator[type[BaseModel]]:
    for module in (shape, shape_alerts, shape_rules, shape_rollout):
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, Shape) and each is not Shape:
                yield each


def test_every_key_is_in_the_reference() -> None:
    keys = {key for each in shapes() for key in keys_of(each)}
    assert keys - {"text", "auto"} - WORDS == set()


def test_every_word_is_in_the_reference() -> None:
    assert {str(word) for words in ENUMS for word in words} - WORDS == set()


def test_the_reference_names_the_variables_that_are_read_and_no_other() -> None:
    named = {word for word in WORDS if re.fullmatch(r"[A-Z]+(_[A-Z]+)+|KUBECONFIG", word)}
    assert named - {"NAME_FILE"} == set(VARIABLES)


def test_every_variable_is_in_the_example_environment() -> None:
    assert {name.removesuffix("_FILE") for name, _ in PAIRS} == set(VARIABLES)


EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_of_the_reference_loads(number: int) -> None:
    result = read_texts({"docs/catalog.md": EXAMPLES[number]})
    assert [str(each) for each in result.errors] == []


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


EXAMPLE_FILE = (ROOT / ".env.example").read_text(encoding="utf-8")
PAIRS = re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", EXAMPLE_FILE, re.MULTILINE)


def test_the_example_environment_holds_no_usable_secret() -> None:
    secrets = {name: value for name, value in PAIRS if name in SECRETS - {"DATABASE_URL"}}
    assert len(secrets) > 8
    assert [name for name, value in secrets.items() if EXAMPLE not in value] == []
