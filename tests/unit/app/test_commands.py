"""The commands of the command line that look: check, audit, doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import FAILED, OK, USAGE, main
from bot.app import auditing
from bot.app.doctor import doctor
from bot.core.events import RequestRefused
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.store.store import Store
from tests.contract.store_support import HandClock, add, open_store, tamper
from tests.databases import Backend

SQLITE = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
CATALOG = """\
version: 1
people:
  everyone: {members: true}
services:
  api:
    repository: github:acme/api
    pipeline: {provider: github, workflow: deploy.yml, pin: check, inputs: {version: "{sha}"}}
    environments:
      staging: {who: [everyone]}
"""


def catalog(folder: Path, text: str = CATALOG, name: str = "slipway.yml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_good_catalog_is_said_to_be_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = catalog(tmp_path)
    assert main(["check", str(path)]) == OK
    assert f"{path} is in order: 1 service, 1 environment." in capsys.readouterr().out


def test_a_bad_catalog_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = catalog(tmp_path, CATALOG.replace("everyone]", "evryone]"))
    assert main(["check", str(path)]) == FAILED
    told = capsys.readouterr().err
    assert "slipway.yml:9" in told
    assert "everyone" in told


def test_the_difference_between_two_catalogs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = catalog(tmp_path, name="old.yml")
    assert main(["check", str(catalog(tmp_path)), "--against", str(old)]) == OK
    assert "Nothing gets stricter or looser" in capsys.readouterr().out
    stricter = CATALOG.replace("{who: [everyone]}", "{who: [everyone], refs: [main]}")
    assert main(["check", str(catalog(tmp_path, stricter)), "--against", str(old)]) == OK
    assert "api" in capsys.readouterr().out
    old.write_text("version: 2\n")
    assert main(["check", str(catalog(tmp_path)), "--against", str(old)]) == FAILED


def environ(url: str, **more: str) -> dict[str, str]:
    return {"DATABASE_URL": url} | more


async def write_something(url: str) -> None:
    async with open_store(url, HandClock()) as store:
        first = await add(store)
        async with store.units.begin("T1", Step.HANDLE_DELIVERY) as uow:
            await uow.record(
                RequestRefused("deploy", "api", "staging", "no", f"because of {first.id}"), SLIPWAY
            )


@SQLITE
async def test_a_whole_trail_and_a_broken_one(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    await write_something(database_url)
    assert await auditing.verify(environ(database_url)) == OK
    assert "T1: 1 records, the chain holds" in capsys.readouterr().out
    async with Store(database_url, HandClock(), owner="x") as store:
        await tamper(store, "DROP TRIGGER audit_no_update", "UPDATE audit SET body = x'7b7d'")
    assert await auditing.verify(environ(database_url)) == FAILED
    assert "broken at record 1" in capsys.readouterr().out


@SQLITE
async def test_the_trail_is_written_out_one_record_a_line(
    database_url: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await write_something(database_url)
    assert await auditing.export(environ(database_url)) == OK
    lines = capfdbinary.readouterr().out.splitlines()
    assert len(lines) == 1
    assert json.loads(json.loads(lines[0])["body"])["event"] == "RequestRefused"


async def test_the_doctor_wants_settings_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert await doctor({}, as_json=False) == USAGE
    assert "SLACK_" in capsys.readouterr().err


@SQLITE
async def test_the_doctor_says_what_to_fix(
    database_url: str, tmp_path: Path, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    settings = environ(
        database_url,
        SLIPWAY_CONFIG=str(catalog(tmp_path)),
        SLACK_API_URL=f"{nowhere}/api/",
        SLACK_BOT_TOKEN="xoxb" + "-1234567890-abcdef",
        SLACK_SIGNING_SECRET="0123456789abcdef" * 2,
        GITHUB_API_URL=f"{nowhere}/api/v3",
        GITHUB_TOKEN="ghp" + "_" + "a1B2" * 9,
        GITHUB_WEBHOOK_SECRET="0123456789abcdef" * 2,
    )
    assert await doctor(settings, as_json=False) == FAILED
    told = capsys.readouterr().out
    assert "ok    The database is at this version's schema." in told
    assert "ok    The catalog is in order: 1 service." in told
    assert "FAIL  Slack: it can't be reached." in told
    assert "SLIPWAY_PUBLIC_URL" in told
    assert "to fix." in told
    assert "ghp_" not in told
    assert await doctor(settings, as_json=True) == FAILED
    rows = json.loads(capsys.readouterr().out)
    assert {row["grade"] for row in rows} >= {"ok", "warn", "fail"}
    assert all(row["fix"] for row in rows if row["grade"] != "ok")
