"""The app's manifest, the README's table, and the other files that are made from the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.app.generated import BEGIN, END, README, check, files, write
from bot.core.command import NoArguments
from bot.core.errors import Bug, UserError
from bot.playground.slack.manifest import RESERVED as KEPT_BY_THE_STAND_IN
from bot.playground.slack.manifest import ManifestFile
from bot.slack.manifest import EVENTS, OPTIONAL_SCOPES, RESERVED, SCOPES, manifest, render, table
from commands import COMMANDS
from tests.unit.slack.talk import command

KEPT = {"/status", "/who", "/search", "/invite", "/remind", "/topic", "/join", "/leave", "/open", "/msg"}


def slashes(made: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made["features"]["slash_commands"]
    return found


def test_slacks_own_names_are_refused() -> None:
    assert {*KEPT, "/dnd", "/me", "/call"} <= RESERVED & KEPT_BY_THE_STAND_IN
    for name in sorted(RESERVED - {"/help"}):  # our help is `/slipway help`
        with pytest.raises(Bug, match="reserved"):
            manifest((command(NoArguments, name[1:]),))


def test_what_slack_keeps_for_itself_is_the_same_list_in_both_houses() -> None:
    assert KEPT_BY_THE_STAND_IN <= RESERVED


def test_a_prefix_renames_every_command() -> None:
    plain = [each["command"] for each in slashes(manifest(COMMANDS))]
    assert plain == sorted(plain)
    assert "/deploy" in plain
    assert "/slipway" in plain
    renamed = [each["command"] for each in slashes(manifest(COMMANDS, "x-"))]
    assert renamed == [f"/x-{name[1:]}" for name in plain]
    manifest((command(NoArguments, "status"),), prefix="x-")  # free with a prefix


def test_slacks_limits_hold() -> None:
    made = manifest(COMMANDS, "a-long-prefix-")
    display = made["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 175 <= len(display["long_description"]) <= 4000
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    assert len(slashes(made)) <= 50
    for each in slashes(made):
        assert 2 <= len(each["command"]) <= 32
        assert len(each["description"]) <= 2000
        assert len(each.get("usage_hint", "")) <= 1000
        assert each["should_escape"] is True
    assert len(made["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert made["settings"]["interactivity"]["is_enabled"] is True


def test_scopes_are_the_least_and_named_once() -> None:
    scopes = manifest(COMMANDS)["oauth_config"]["scopes"]["bot"]
    assert scopes == [*SCOPES, *OPTIONAL_SCOPES]
    assert len(set(scopes)) == len(scopes)
    assert {"channels:history", "groups:history", "im:history"} <= set(OPTIONAL_SCOPES)
    assert "message.im" in EVENTS


@pytest.mark.parametrize("prefix", ["", "x-"])
def test_the_stand_in_takes_it(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "app-manifest.yml"
    path.write_text(render(manifest(COMMANDS, prefix)))
    taken = ManifestFile(path).current()
    assert set(taken.commands) == {each["command"] for each in slashes(manifest(COMMANDS, prefix))}
    assert taken.scopes == {*SCOPES, *OPTIONAL_SCOPES}


def test_the_file_says_what_the_manifest_says() -> None:
    made = manifest(COMMANDS)
    assert YAML(typ="safe").load(render(made)) == made


def test_the_url_is_in_all_three_places() -> None:
    text = render(manifest(COMMANDS, url="https://bot.example.org"))
    assert (
        text.count("https://bot.example.org/slack/events")
        == len([each for each in COMMANDS if not each.below]) + 3
    )


def test_the_readme_lists_every_command() -> None:
    readme = README.read_text()
    assert table(COMMANDS) in readme
    for each in COMMANDS:
        name = f"/slipway {each.name}" if each.below else f"/{each.name}"
        assert f"| `{name}" in readme
        assert each.summary in readme


def test_generated_files_are_fresh() -> None:
    assert check() == 0


def test_what_is_stale_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    README.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert check() == 1
    assert "slipway manifest --write" in capsys.readouterr().err
    assert write() == 0
    assert check() == 0
    assert all(path.read_text() == text for path, text in files().items())
    assert README.read_text().startswith(f"before\n{BEGIN}\n| command |")
    assert README.read_text().endswith(f"{END}\nafter\n")


def test_a_readme_without_a_place_for_the_table_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    README.write_text("nothing here\n")
    with pytest.raises(UserError, match="no place for the table"):
        files()
