"""`slipway rollback` before it reaches anything: what was typed, who types, and what it tells a script."""

from __future__ import annotations

import io
import json
import os
import platform
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import USAGE, main
from bot.app import workbench
from bot.app.rolling_back import Ending, Kept, ending, is_sure
from bot.core.errors import UserError
from bot.core.lifecycle import ENDS, State
from bot.core.values import ActorKind, Kind
from bot.store.migrate import upgrade
from bot.store.store import Store
from tests.contract.store_support import HandClock
from tests.fakes.samples import in_state, wish
from tests.unit.app.test_commands import catalog

LATER = timedelta(minutes=30)
BACK = wish(kind=Kind.ROLLBACK)


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A catalog and a database of this version, in which nothing is kept yet."""
    url = f"sqlite:///{tmp_path / 'slipway.db'}"
    upgrade(url)
    given = {"DATABASE_URL": url, "SLIPWAY_CONFIG": str(catalog(tmp_path))}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


@pytest.mark.usefixtures("environ")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("apo", "staging"), "There is no service called `apo`.\nDid you mean `api`?"),
        (("api", "stagign"), "There is no environment of api called `stagign`."),
        (("api", "staging", "--because", "xoxb-" + "1234567890"), "looks like a secret"),
        (("api", "staging"), "There is nothing on record in this database."),
    ],
)
def test_wrong_words_are_told_plainly(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", *words, "--yes"]) == USAGE
    errors = capsys.readouterr().err
    assert told in errors
    assert "1234567890" not in errors


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "86401", "1.5", "²"])
def test_a_timeout_is_a_number_of_seconds(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["rollback", "api", "staging", "--timeout", seconds])
    assert stopped.value.code == USAGE
    assert "is no number of seconds" in capsys.readouterr().err


async def test_of_two_workspaces_nobody_knows_which_is_meant(environ: dict[str, str]) -> None:
    async with Store(environ["DATABASE_URL"], HandClock(), owner="x") as store:
        for team in ("T1", "T2"):
            await store.register_workspace(team, team, "U0")
        with pytest.raises(UserError, match="T1, T2"):
            workbench._only(await store.queries.workspaces())


@pytest.mark.parametrize("state", State)
def test_each_end_has_its_code(state: State) -> None:
    codes = {State.SUCCEEDED: Ending.WELL, State.REFUSED: Ending.DENIED, State.REJECTED: Ending.DENIED}
    expected = codes.get(state, Ending.FAILED) if state in ENDS else Ending.TOO_LATE
    assert ending(in_state(state), LATER) is expected
    if state not in ENDS:
        assert ending(in_state(state), None) is Ending.WELL


def test_it_is_told_for_people_and_for_machines() -> None:
    waits = in_state(State.WAITING, wish=BACK)
    told = Kept(waits, taken_up=True).plain()
    assert told.startswith("#7 rollback of api in staging: waiting.\nWhy it is waiting.\n")
    assert "Its card in #api-deploys" in told
    assert "`slipway serve`" not in told
    assert "it runs when `slipway serve` does" in Kept(waits, taken_up=False).plain()
    machine = json.loads(json.dumps(Kept(waits, taken_up=False).machine()))
    assert (machine["number"], machine["state"], machine["taken_up"]) == (7, "waiting", False)
    assert machine["release"] == waits.release_sha


def test_who_types_is_whoever_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment can say anything."""
    for name in ("USER", "LOGNAME", "HOSTNAME"):
        monkeypatch.setenv(name, "ada")
    found = workbench.operator()
    assert found.kind is ActorKind.OPERATOR
    assert found.id == found.name
    assert found.name.partition("@")[2] == platform.node()
    assert found.name.partition("@")[0] != "ada"
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert workbench.operator().name == f"3999999999@{platform.node()}"


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "sure"),
    [("y\n", True), (" Yes\n", True), ("", False), ("\n", False), ("n\n", False), ("yess\n", False)],
)
def test_only_yes_means_yes(
    answer: str, sure: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert is_sure() is sure
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Roll back? [y/N] "), "the output is for what was asked for"


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    with pytest.raises(UserError, match="Say `--yes`"):
        is_sure()
