"""`slipway.json`: what is taken, what is refused and why, and the schema that people are shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import UserError
from bot.core.lifecycle import State
from bot.core.run_report_schema import SCHEMA
from bot.core.run_report_words import reported_text
from bot.core.run_reports import Backup, Image, Reported, RunReport, read_report
from tests.fakes.samples import SHA_A, in_state

DIGEST = "sha256:" + "0" * 64
AT = "2026-03-02T02:14:00Z"
WHOLE: dict[str, Any] = {
    "version": "v1.2.0",
    "images": [{"name": "registry.example.com/acme/api", "digest": DIGEST}],
    "backup": {"id": "b-0214", "at": AT},
    "migrations": ["db/migrations/0031_split.sql"],
    "url": "https://staging.example.com/api",
}


def written(**changes: Any) -> bytes:
    return json.dumps(WHOLE | changes).encode()


def test_all_of_it_is_read() -> None:
    assert read_report(written()) == RunReport(
        "v1.2.0",
        (Image("registry.example.com/acme/api", DIGEST),),
        Backup("b-0214", datetime(2026, 3, 2, 2, 14, tzinfo=UTC)),
        ("db/migrations/0031_split.sql",),
        "https://staging.example.com/api",
    )


def test_nothing_has_to_be_said() -> None:
    assert read_report(b"{}") == RunReport()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "it is no object"),
        (b"null", "it is no object"),
        (b'{"version": "a", "version": "b"}', "stands in it twice"),
        (b'{"version": NaN}', "NaN is no number"),
        (written(version=1), "version is no string"),
        (written(version=""), "version is not written as the schema says"),
        (written(version="a\nb"), "version is not written as the schema says"),
        (written(version="v" * 201), "version is longer than 200"),
        (written(extra=1), "it may have no “extra”"),
        (written(images=[{"name": "a"}]), "images[0] has no digest"),
        (written(images=[{"name": "a", "digest": "sha256:1"}]), "images[0].digest is not written"),
        (written(images=["a"]), "images[0] is no object"),
        (written(backup="b-0214"), "backup is no object"),
        (written(backup={"id": "b-0214"}), "backup has no at"),
        (written(backup={"id": "$(reboot)", "at": AT}), "backup.id is not written"),
        (written(backup={"id": "-rf", "at": AT}), "backup.id is not written"),
        (written(backup={"id": "b\n", "at": AT}), "backup.id is not written"),
        (written(backup={"id": "b", "at": "2026-03-02 02:14"}), "backup.at is not written"),
        (written(backup={"id": "b", "at": "2026-13-02T02:14:00Z"}), "backup.at is no moment"),
        (written(migrations=["m"] * 301), "migrations has more than 300"),
        (written(url="http://a.example"), "url is not written"),
        (written(url="javascript:alert(1)"), "url is not written"),
        (written(version="ghp" + "_" + "Ab1" * 12), "looks like a secret"),
    ],
)
def test_whatever_is_odd_is_said_plainly(content: bytes, why: str) -> None:
    with pytest.raises(UserError) as refused:
        read_report(content)
    assert why in refused.value.what
    assert "Ab1Ab1" not in str(refused.value)


def test_the_published_schema_is_the_one_that_is_checked() -> None:
    published = json.loads(Path("docs/slipway.schema.json").read_text(encoding="utf-8"))
    assert published == SCHEMA
    example = Path("docs/run-reports.md").read_text(encoding="utf-8").partition("```json\n")[2]
    assert read_report(example.partition("```")[0].encode()).backup is not None


def test_one_line_says_it() -> None:
    kept = in_state(State.SUCCEEDED, reported=Reported(read_report(written())))
    said = reported_text(kept).plain()
    assert "version `v1.2.0` · backup `b-0214` made 2026-03-02 02:14 UTC" in said
    assert "migration db/migrations/0031_split.sql" in said
    assert "\n" not in said


def test_a_version_that_is_only_the_commit_is_not_said_again() -> None:
    kept = in_state(State.SUCCEEDED, reported=Reported(RunReport(version=SHA_A)))
    assert reported_text(kept).lines == ()


def test_why_there_is_none_is_said_and_where_there_is_nothing_nothing() -> None:
    assert reported_text(in_state(State.SUCCEEDED)).lines == ()
    broken = in_state(State.SUCCEEDED, reported=Reported(said="It can't be used."))
    assert "It can't be used." in reported_text(broken).plain()
