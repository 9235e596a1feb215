"""A newcomer adds a command by one file and one line, just as CONTRIBUTING.md shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASK = """
import asyncio
from types import SimpleNamespace

from bot.slack.grammar import Vocabulary, parse
from bot.slack.manifest import manifest, table
from commands import COMMANDS
from commands.help import overview
from bot.app.generated import check, write

hello = next(each for each in COMMANDS if each.name == "hello")
slashes = {each["command"]: each for each in manifest(COMMANDS)["features"]["slash_commands"]}
print("manifest:", slashes["/hello"]["usage_hint"])
print("table:", "`/hello" in table(COMMANDS))
print("help:", "/hello" in overview(COMMANDS).plain())
for words in ("Grace", "to Grace because it is Monday"):
    args = parse(hello, words, Vocabulary({}))
    context = SimpleNamespace(person=SimpleNamespace(name="Ada"))
    print("says:", asyncio.run(hello.run(context, args)).text.plain())
print("stale:", check())
print("written:", write(), check())
"""


def block(after: str) -> str:
    """The first block of Python below these words of CONTRIBUTING.md."""
    rest = (ROOT / "CONTRIBUTING.md").read_text().split(after, 1)[1]
    found = re.search(r"```python\n(.*?)```", rest, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages, and of the files that are generated."""
    leave = shutil.ignore_patterns("__pycache__", "playground")
    for package in ("bot", "commands", "integrations"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=leave)
    for name in ("README.md", "app-manifest.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(house: Path, code: str) -> str:
    """Run it where the copy, and nothing else of ours, is found."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=house, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_file_and_one_line_make_a_command(house: Path) -> None:
    (house / "commands/hello.py").write_text(block("Write `commands/hello.py`"))
    registry = house / "commands/__init__.py"
    text = registry.read_text()
    line = block("add it to the tuple in `commands/__init__.py`")
    assert line.count("\n") == 1
    text = text.replace("    help,\n", "    hello,\n    help,\n")
    text = text.replace("    help.COMMAND,\n", f"    help.COMMAND,\n{line}")
    registry.write_text(text)

    assert run(house, "import commands; print(commands.__file__)").startswith(str(house))
    said = run(house, ASK)
    assert "manifest: [to] <name> [because <reason>]\n" in said
    assert "table: True\n" in said
    assert "help: True\n" in said
    assert "says: Hello Grace, says Ada.\n" in said
    assert "says: Hello Grace, says Ada, because it is Monday.\n" in said
    assert "stale: 1\n" in said
    assert "written: 0 0\n" in said
    assert "/hello" in (house / "app-manifest.yml").read_text()
    assert "| `/hello" in (house / "README.md").read_text()


def test_a_command_that_is_not_registered_is_found_out() -> None:
    """The line can't be forgotten."""
    files = {path.stem for path in (ROOT / "commands").glob("[!_]*.py")}
    registered = run(
        ROOT, "from commands import COMMANDS\nfor c in COMMANDS: print(c.run.__module__)"
    ).split()
    assert {name.removeprefix("commands.") for name in registered} == files


def test_the_shown_line_is_all_that_changes() -> None:
    assert block("add it to the tuple in `commands/__init__.py`").strip() == "hello.COMMAND,"
