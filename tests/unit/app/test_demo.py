"""What a demo may delete, and what it takes from the person's own environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.demo import Setting, _environment
from bot.app.demo_folder import MARK, fresh_folder
from bot.config.settings import VARIABLES
from bot.core.errors import UserError
from bot.store.lockfile import ServeLock


def database(folder: Path) -> str:
    return f"sqlite:///{folder / 'slipway.db'}"


def test_a_folder_of_its_own_is_made_and_emptied_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "demo"
    with fresh_folder(folder, database(folder)):
        (folder / "serve.log").write_text("old")
        (folder / "inner").mkdir()
        (folder / "inner" / "more").write_text("old")
    with fresh_folder(folder, database(folder)):
        assert [each.name for each in folder.iterdir()] == [MARK]


def test_an_empty_folder_may_be_taken(tmp_path: Path) -> None:
    with fresh_folder(tmp_path, database(tmp_path)):
        assert (tmp_path / MARK).is_file()


@pytest.mark.parametrize("name", [".", "README.md"])
def test_what_no_demo_made_is_left_alone(tmp_path: Path, name: str) -> None:
    kept = tmp_path / "README.md"
    kept.write_text("a checkout")
    with (
        pytest.raises(UserError, match="not made by a demo"),
        fresh_folder(tmp_path / name, database(tmp_path)),
    ):
        pass
    assert kept.read_text() == "a checkout"
    assert [each.name for each in tmp_path.iterdir()] == ["README.md"]


def test_a_running_demo_keeps_its_database(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with fresh_folder(folder, database(folder)):
        (folder / "slipway.db").write_text("in use")
        with pytest.raises(UserError, match="Another demo runs"), fresh_folder(folder, database(folder)):
            pass
        assert (folder / "slipway.db").read_text() == "in use"


def test_a_bot_that_outlived_its_demo_keeps_its_database(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with fresh_folder(folder, database(folder)):
        pass
    (folder / "slipway.db").write_text("in use")
    with ServeLock(database(folder)):
        with pytest.raises(UserError, match="serves from"), fresh_folder(folder, database(folder)):
            pass
        assert (folder / "slipway.db").read_text() == "in use"


def test_nothing_of_the_persons_own_settings_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "the person's own")
        monkeypatch.setenv(f"{name}_FILE", "the person's own")
    monkeypatch.setenv("PATH_TO_NOWHERE", "kept")
    given = _environment(Setting(1, 2, 3, tmp_path))
    assert "the person's own" not in given.values()
    assert given["PATH_TO_NOWHERE"] == "kept"
