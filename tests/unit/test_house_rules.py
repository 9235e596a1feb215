"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.sources import (
    ROOT,
    Function,
    called_names,
    functions,
    imported_modules,
    length,
    parsed,
    product_files,
    tracked_files,
)

CLOCK_FILE = "clock.py"
READS_TIME_ITSELF = {
    Path("bot/store/ids.py"),  # ids begin with the time they were made
    Path("bot/store/receipts.py"),  # SQLite's clock is the machine's
}
SLEEPS = {"time.sleep", "asyncio.sleep"}
READS_TIME = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
}
# The standard library's ways to the outside world, to the clock and to chance.
NOT_PURE = {
    "asyncio",
    "http",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
HOSTS = re.compile("|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"ian\.org"]))
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(work|root|Users|opt/pypi|opt/wheels)/|\.\./" + "shared/")
PROVES = re.compile(r"(\w+\.)*_?(assert|check|expect|raises|warns|fail)\w*$")

MIGRATIONS = Path("bot/store/migrations/versions")
PYTHON = tracked_files(".py")
CORE = [path for path in product_files() if path.is_relative_to("bot/core")]
TESTS = [path for path in PYTHON if path.name.startswith("test_")]


def lines(path: Path) -> int:
    return len((ROOT / path).read_text().splitlines())


def test_no_file_has_400_lines() -> None:
    paths = tracked_files(".py", ".js", ".css", ".html")
    assert [f"{path}: {lines(path)} lines" for path in paths if lines(path) >= 400] == []


def test_no_function_is_longer_than_60_lines() -> None:
    paths = [path for path in PYTHON if MIGRATIONS not in path.parents]  # a migration is a list, told once
    sizes = [(path, each.name, length(each)) for path in paths for each in functions(parsed(path))]
    assert [f"{path}: {name} has {size} lines" for path, name, size in sizes if size > 60] == []


def test_most_files_and_functions_are_short() -> None:
    files = [lines(path) for path in product_files()]
    lengths = [length(each) for path in product_files() for each in functions(parsed(path))]
    assert median(files) <= 130, f"half of the files have more than {median(files)} lines"
    assert median(lengths) <= 12, f"half of the functions have more than {median(lengths)} lines"
    assert quantiles(lengths, n=10)[-1] <= 30, "one function in ten has more than 30 lines"


@pytest.mark.parametrize(
    "rule", [UNFINISHED, HOSTS, MACHINE_PATHS], ids=["unfinished", "hosts", "machine paths"]
)
def test_nothing_is_left_for_later_or_names_a_machine(rule: re.Pattern[str]) -> None:
    texts = {path: (ROOT / path).read_text(errors="replace") for path in tracked_files()}
    assert [f"{path}: {found.group()}" for path, text in texts.items() for found in rule.finditer(text)] == []


def test_only_clocks_sleep_and_read_the_time() -> None:
    paths = [path for path in product_files() if path.name != CLOCK_FILE]
    calls = [(path, line, name) for path in paths for name, line in called_names(parsed(path))]
    assert [f"{path}:{line}: {name}" for path, line, name in calls if name in SLEEPS] == []
    readers = {path: f"{name} in line {line}" for path, line, name in calls if name in READS_TIME}
    assert {path: call for path, call in readers.items() if path not in READS_TIME_ITSELF} == {}
    assert readers.keys() >= READS_TIME_ITSELF, "an exception that is no longer needed"


def test_the_core_is_pure() -> None:
    imports = [(path, name) for path in CORE for name in imported_modules(parsed(path))]
    outside = [(path, name.partition(".")[0]) for path, name in imports if not name.startswith("bot.core")]
    assert [
        f"{path}: {root}" for path, root in outside if root not in sys.stdlib_module_names - NOT_PURE
    ] == []


def test_every_room_is_in_a_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = re.findall(r"bot\.(\w+)", " ".join(contracts[0]["layers"]))
    rooms = {path.with_suffix("").parts[1] for path in product_files() if path.parts[0] == "bot"} - {
        "__init__"
    }
    assert rooms - set(layers) == {"playground"}


def test_every_test_can_fail() -> None:
    tests = [(path, [each for each in functions(parsed(path)) if is_test(each)]) for path in TESTS]
    assert [str(path) for path, found in tests if not found] == [], "test files without a test"
    assert [f"{path}: {each.name}" for path, found in tests for each in found if not can_fail(each)] == []


def is_test(function: Function) -> bool:
    return function.name.startswith("test_")


def can_fail(test: Function) -> bool:
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(test))
    return asserts or any(PROVES.match(name) for name, _ in called_names(test))
