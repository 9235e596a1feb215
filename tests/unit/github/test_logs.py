"""What a failed run wrote, fetched over the wire from a GitHub that means no good."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.log_ends import Span
from bot.core.runs import RunRef
from integrations.github import logs
from integrations.github.logs import KEPT, xml_files
from tests.unit.github.test_artifacts import asked, home, packed
from tests.unit.github.wire import Say, Wire, wire

RUN = RunRef("github", "acme/api", "9")
RUNS = "/repos/acme/api/actions/runs/9"
JOBS, LOG, STORE = f"{RUNS}/attempts/2/jobs", "/repos/acme/api/actions/jobs/7/logs", "/s"
LEFT, ZIP, STORED = f"{RUNS}/artifacts", "/repos/acme/api/actions/artifacts/5/zip", "/z"
TEXT = b"one\ntwo\n"
JUNIT = b'<testsuite><testcase name="x"/></testsuite>'
STEPS = [
    {"name": "Test", "number": 2, "status": "completed", "conclusion": "success"},
    {
        "name": "Roll out",
        "number": 3,
        "status": "completed",
        "conclusion": "failure",
        "started_at": "2026-03-02T09:00:00Z",
        "completed_at": "2026-03-02T09:00:05Z",
    },
    {"name": "Post", "number": 9, "status": "completed", "conclusion": "failure"},
]


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        made.say("GET /repos/acme/api", Say(200, {"full_name": "acme/api"}))
        made.say(f"GET {JOBS}", Say(200, {"jobs": [job(7), job(8, completed_at="2026-03-02T09:09:00Z")]}))
        leads(made, TEXT)
        made.say(f"GET {LEFT}", Say(200, {"artifacts": [entry()]}))
        made.say(f"GET {ZIP}", Say(302, None, {"Location": f"{home(made)}{STORED}"}))
        made.say(f"GET {STORED}", Say(200, packed({"reports/junit.xml": JUNIT, "notes.txt": b"no"})))
        yield made


def job(id: int, **changes: Any) -> dict[str, Any]:
    plain = {
        "id": id,
        "name": f"job {id}",
        "html_url": f"https://github.example.com/job/{id}",
        "status": "completed",
        "conclusion": "failure",
        "completed_at": "2026-03-02T09:00:06Z",
        "steps": STEPS,
    }
    return plain | changes


def entry(**changes: Any) -> dict[str, Any]:
    made = "2026-03-02T09:00:00Z"
    plain = {"id": 5, "name": "junit-results", "size_in_bytes": 100, "expired": False, "created_at": made}
    return plain | changes


def leads(github: Wire, content: bytes, headers: Mapping[str, str] = {}) -> None:
    github.say(f"GET {LOG}", Say(302, None, {"Location": f"{home(github)}{STORE}"}))
    github.say(f"GET {STORE}", Say(200, content, headers))


async def test_the_job_that_failed_first_with_its_step_and_log(github: Wire) -> None:
    found = await github.github.logs.failed_job(RUN, 2)
    assert found is not None
    assert (found.name, found.step, found.log, found.cut) == ("job 7", "Roll out", TEXT, False)
    nine = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
    assert found.span == Span(nine, nine.replace(second=5))
    (told,) = asked(github, LOG)
    assert told["Authorization"] == "Bearer ghp_unit"
    assert all("Authorization" not in each and "Cookie" not in each for each in asked(github, STORE))


async def test_a_job_may_be_named(github: Wire) -> None:
    github.say(
        "GET /repos/acme/api/actions/jobs/8/logs", Say(302, None, {"Location": f"{home(github)}{STORE}"})
    )
    found = await github.github.logs.failed_job(RUN, 2, "job 8")
    assert found is not None
    assert found.name == "job 8"


async def test_where_none_has_failed_there_is_none(github: Wire) -> None:
    github.say(
        f"GET {JOBS}", Say(200, {"jobs": [job(7, conclusion="success"), job(8, conclusion="skipped")]})
    )
    assert await github.github.logs.failed_job(RUN, 2) is None
    github.say(f"GET {JOBS}", Say(404, {}))
    assert await github.github.logs.failed_job(RUN, 2) is None
    assert await github.github.logs.failed_job(RunRef("github", "acme/api", "../9"), 2) is None


@pytest.mark.parametrize(
    "location", ["http://10.0.0.1/a", "https://169.254.169.254/a", "https://u:p@x.test/a"]
)
async def test_no_address_that_is_not_safe_is_followed(github: Wire, location: str) -> None:
    github.say(f"GET {LOG}", Say(302, None, {"Location": location}))
    with pytest.raises(NeedsHuman, match="not fetched"):
        await github.github.logs.failed_job(RUN, 2)


async def test_one_that_is_gone_is_not_asked_for_again(github: Wire) -> None:
    github.say(f"GET {LOG}", Say(410, {}))
    with pytest.raises(UserError, match="is gone"):
        await github.github.logs.failed_job(RUN, 2)


@pytest.mark.parametrize("status", [200, 403, 404, 429, 500])
async def test_one_that_is_not_there_yet_is_tried_again(github: Wire, status: int) -> None:
    github.say(f"GET {LOG}", Say(status, {}))
    with pytest.raises(Transient):
        await github.github.logs.failed_job(RUN, 2)


async def test_of_a_long_one_only_the_end_is_asked_for(github: Wire) -> None:
    long = b"x" * KEPT + b"\nthe end\n"
    leads(github, long)
    github.say(f"GET {STORE}", Say(200, long), Say(206, long[-KEPT:]))
    found = await github.github.logs.failed_job(RUN, 2)
    assert found is not None
    assert (len(found.log), found.log[-8:], found.cut) == (KEPT, b"the end\n", True)
    assert asked(github, STORE)[-1]["Range"] == f"bytes={len(long) - KEPT}-{len(long) - 1}"


async def test_and_where_that_is_not_understood_the_end_is_kept(
    github: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = b"x" * 3 * KEPT + b"\nthe end\n"
    leads(github, long)
    found = await github.github.logs.failed_job(RUN, 2)
    assert found is not None
    assert (len(found.log), found.log[-8:], found.cut) == (KEPT, b"the end\n", True)
    monkeypatch.setattr(logs, "MOST_LOG", 2 * KEPT)
    with pytest.raises(UserError, match="has more than"):
        await github.github.logs.failed_job(RUN, 2)


async def test_what_comes_packed_is_not_unpacked(github: Wire) -> None:
    leads(github, gzip.compress(b" " * 10_000_000), {"Content-Encoding": "gzip"})
    with pytest.raises(UserError, match="came packed"):
        await github.github.logs.failed_job(RUN, 2)


async def test_results_are_the_xml_of_what_reads_like_them(github: Wire) -> None:
    assert await github.github.logs.results(RUN, None) == (JUNIT,)
    assert all("Authorization" not in each for each in asked(github, STORED))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "slipway"},
        {"name": "latest-results"},
        {"expired": True},
        {"size_in_bytes": 50_000_000},
        {"created_at": "2026-03-02T08:59:59Z"},
        {"digest": "sha256:" + "0" * 64},
    ],
)
async def test_no_others_are_read(github: Wire, changes: Mapping[str, Any]) -> None:
    github.say(f"GET {LEFT}", Say(200, {"artifacts": [entry(**changes)]}))
    since = datetime(2026, 3, 2, 9, 0, 0, 500, tzinfo=UTC)
    assert await github.github.logs.results(RUN, since) == ()


async def test_of_one_name_the_newest_counts(github: Wire) -> None:
    newer = entry(id=5, created_at="2026-03-02T09:00:09Z")
    github.say(f"GET {LEFT}", Say(200, {"artifacts": [newer, entry(id=4)]}))
    assert await github.github.logs.results(RUN, None) == (JUNIT,)


async def test_results_that_are_gone_or_too_large_break_nothing_else(github: Wire) -> None:
    github.say(f"GET {ZIP}", Say(410, {}))
    assert await github.github.logs.results(RUN, None) == ()


@pytest.mark.parametrize(
    ("zipped", "why"),
    [
        (b"no zip", "can't be unpacked"),
        (packed({"a.xml": b" " * 3_000_000}), "packed too tightly"),
        (packed({"a.xml": bytes(range(256)) * 8_000, "b.xml": b"x" * 99}, zipfile.ZIP_STORED), "larger than"),
        (packed({"a.xml": JUNIT}, zipfile.ZIP_LZMA), "odd way"),
        (packed({f"{number}.xml": b"x" for number in range(501)}), "more than 500 files"),
    ],
    ids=["none", "bomb", "large", "lzma", "many"],
)
def test_nothing_is_unpacked_that_is_not_plainly_results(zipped: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        xml_files(zipped, 2_000_000)


def test_a_file_that_is_no_xml_is_not_even_opened() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("odd.bin", b"x")
        archive.writestr("junit.XML", JUNIT, zipfile.ZIP_DEFLATED)
    assert xml_files(buffer.getvalue(), 2_000_000) == [JUNIT]
