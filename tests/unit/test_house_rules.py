"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.sources import (
    ROOT,
    Function,
    called_names,
    dotted,
    functions,
    imported_modules,
    length,
    parsed,
    product_files,
    tracked_files,
)

PICTURES = frozenset({".png"})
CLOCK_FILE = "clock.py"
READS_TIME_ITSELF = {
    Path("bot/store/ids.py"),  # ids begin with the time they were made
    Path("bot/store/receipts.py"),  # SQLite's clock is the machine's
    Path("bot/web/wicket.py"),  # the Date header of an answer
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
JUDGES = re.compile(r"(^|\.)(raises|warns|fail|expect|timeout|wait_for)$")

MIGRATIONS = Path("bot/store/migrations/versions")
PYTHON = tracked_files(".py")
CORE = [path for path in product_files() if path.is_relative_to("bot/core")]
TESTS = [path for path in PYTHON if path.parts[0] == "tests"]


@pytest.fixture(scope="module", autouse=True)
def _trees() -> Iterator[None]:
    """A million nodes, which each collection of garbage in later tests would walk through."""
    yield
    parsed.cache_clear()


def lines(path: Path) -> int:
    return len((ROOT / path).read_text().splitlines())


def test_no_file_has_more_than_400_lines() -> None:
    paths = tracked_files(".py", ".js", ".css", ".html")
    assert [f"{path}: {lines(path)} lines" for path in paths if lines(path) > 400] == []


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
    words = [path for path in tracked_files() if path.suffix not in PICTURES]
    texts = {path: (ROOT / path).read_text(errors="replace") for path in words}
    assert [f"{path}: {found.group()}" for path, text in texts.items() for found in rule.finditer(text)] == []


def test_only_clocks_sleep_and_read_the_time() -> None:
    paths = [path for path in product_files() if path.name != CLOCK_FILE]
    calls = [(path, line, name) for path in paths for name, line in called_names(parsed(path))]
    assert [f"{path}:{line}: {name}" for path, line, name in calls if name in SLEEPS] == []
    readers = {path: f"{name} in line {line}" for path, line, name in calls if name in READS_TIME}
    assert {path: call for path, call in readers.items() if path not in READS_TIME_ITSELF} == {}


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
    tests = [
        (path, each) for path in TESTS for each in functions(parsed(path)) if each.name.startswith("test_")
    ]
    helpers = frozenset(
        each.name
        for path in TESTS
        for each in functions(parsed(path))
        if not is_test(each) and any(map(judges, ast.walk(each)))
    )
    assert [f"{path}: {each.name}" for path, each in tests if not can_fail(each, helpers)] == []


def test_no_test_file_is_empty() -> None:
    paths = [path for path in TESTS if path.name.startswith("test_")]
    assert [str(path) for path in paths if not any(map(is_test, ast.walk(parsed(path))))] == []


def is_test(node: ast.AST) -> bool:
    """A function of this name, or a class that inherits a suite."""
    return (isinstance(node, Function) and node.name.startswith("test_")) or (
        isinstance(node, ast.ClassDef) and node.name.startswith("Test")
    )


def judges(node: ast.AST) -> bool:
    """What fails by itself: an assertion, a deadline, a `try` that lets only one kind of error pass."""
    if isinstance(node, ast.Assert | ast.Raise | ast.Try):
        return True
    return isinstance(node, ast.Call) and bool(JUDGES.search(dotted(node.func)) or checks_exit(node))


def checks_exit(call: ast.Call) -> bool:
    return any(each.arg == "check" and ast.unparse(each.value) == "True" for each in call.keywords)


def can_fail(test: Function, helpers: frozenset[str]) -> bool:
    called = (dotted(node.func).rpartition(".")[2] for node in ast.walk(test) if isinstance(node, ast.Call))
    return any(map(judges, ast.walk(test))) or not helpers.isdisjoint(called)
