"""The command line as a person meets it: one clear message, and the right exit code."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.store.migrate import upgrade

CATALOG = Path(__file__).parent / "catalog.yml"
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-" + "1" * 20,
    "SLACK_SIGNING_SECRET": "2" * 32,
    "GITHUB_TOKEN": "ghp_" + "3" * 36,
    "SLIPWAY_CONFIG": str(CATALOG),
}


def slipway(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command with this environment alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=kept | dict(environ), capture_output=True, text=True, timeout=60)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A complete environment, with a database that is ready."""
    url = f"sqlite:///{tmp_path / 'slipway.db'}"
    upgrade(url)
    return SECRETS | {"DATABASE_URL": url}


def test_missing_settings_are_told_all_at_once(tmp_path: Path) -> None:
    done = slipway(
        "serve", environ={"DATABASE_URL": "mysql://x", "SLIPWAY_PORT": "no", "HOME": str(tmp_path)}
    )
    assert done.returncode == 2
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "DATABASE_URL", "SLIPWAY_PORT"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_catalog_stops_the_start(environ: dict[str, str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(CATALOG.read_text().replace("repository:", "repositry:"))
    for command in ("serve", "check"):
        done = slipway(command, environ=environ | {"SLIPWAY_CONFIG": str(bad)})
        assert done.returncode == (2 if command == "serve" else 1)
        assert "did you mean `repository`" in done.stderr
        assert "bad.yml:" in done.stderr


def test_a_port_in_use_is_named(environ: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = slipway("serve", environ=environ | {"SLIPWAY_PORT": port})
    assert done.returncode == 2
    assert port in done.stderr
    assert "SLIPWAY_PORT" in done.stderr


def test_an_older_schema_names_the_command(tmp_path: Path) -> None:
    environ = SECRETS | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    done = slipway("serve", environ=environ)
    assert done.returncode == 2
    assert "slipway migrate" in done.stderr
    assert slipway("migrate", environ=environ).returncode == 0
    assert slipway("audit", "verify", environ=environ).returncode == 0


def test_check_against_an_older_catalog_says_what_gets_looser(
    environ: dict[str, str], tmp_path: Path
) -> None:
    looser = tmp_path / "looser.yml"
    looser.write_text(CATALOG.read_text().replace("who: [sre]", "who: [sre, payments]"))
    done = slipway("check", str(looser), "--against", str(CATALOG), environ=environ)
    assert done.returncode == 0
    assert "looser" in done.stdout
    assert "payments" in done.stdout


def test_the_manifest_can_be_renamed(environ: dict[str, str]) -> None:
    done = slipway("manifest", "--prefix", "x-", environ=environ)
    assert done.returncode == 0
    assert "command: /x-deploy" in done.stdout
    assert "command: /deploy" not in done.stdout


def test_the_prefix_of_the_settings_is_the_manifests(environ: dict[str, str]) -> None:
    done = slipway("manifest", environ={"SLIPWAY_COMMAND_PREFIX": "y-"})
    assert "command: /y-deploy" in done.stdout
    assert slipway("manifest", "--prefix", "", environ={"SLIPWAY_COMMAND_PREFIX": "y-"}).stdout != done.stdout
    wrong = slipway("manifest", environ=environ | {"SLIPWAY_COMMAND_PREFIX": "Y!"})
    assert wrong.returncode == 2
    assert "SLIPWAY_COMMAND_PREFIX" in wrong.stderr


def test_wrong_use_exits_with_two(environ: dict[str, str]) -> None:
    assert slipway("deploi", environ=environ).returncode == 2


def test_an_empty_trail_is_said_to_be_empty(tmp_path: Path) -> None:
    environ = SECRETS | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    assert slipway("migrate", environ=environ).returncode == 0
    assert "no records" in slipway("audit", "verify", environ=environ).stdout
    assert slipway("audit", "export", environ=environ).stdout == ""


def test_the_outbox_says_what_was_given_up(environ: dict[str, str]) -> None:
    listed = slipway("outbox", "list", environ=environ)
    assert (listed.returncode, listed.stdout) == (0, "Nothing was given up.\n")
    nobody = slipway("outbox", "retry", "nobody", environ=environ)
    assert nobody.returncode == 2
    assert "Nothing that was given up is called nobody." in nobody.stderr
    unclear = slipway("outbox", "retry", environ=environ)
    assert unclear.returncode == 2
    assert "What shall be tried again?" in unclear.stderr
    everything = slipway("outbox", "retry", "--all", environ=environ)
    assert (everything.returncode, everything.stdout) == (0, "0 messages are tried again.\n")
