"""The scans find what they look for, and say what they could not look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scan.secrets import find_secrets, tracked_files
from tests.scan.vulnerabilities import Ask, Service, Unreachable, audit, describe, locked_packages

# Put together here, so that this file holds none of them.
SECRETS = {
    "GitHub fine-grained token": "github" + "_pat_11ABCDEFG0" + "a1B2c3D4e5F6" * 5,
    "GitHub Token": "gh" + "p_" + "a1B2c3D4e5F6" * 3,
    "GitLab Token": "gl" + "pat-" + "a1B2c3D4e5F6g7H8i9J0",
    "Slack app-level token": "xa" + "pp-1-A0123456789-1234567890123-" + "0123456789abcdef" * 4,
    "Slack Token": "xo" + "xb-123456789012-123456789012-" + "a1B2c3D4" * 3,
    "Slack signing secret": "SLACK_SIGNING_SECRET=" + "8f742231b10e8888" * 2,
    "Jenkins API token": "1" + "1" + "0123456789abcdef" * 2,
    "Fernet key": "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4" + "=",
    "Basic Auth Credentials": "postgresql://slipway:" + "hunter2" + "@db.example.com/slipway",
    "AWS Access Key": "AK" + "IAIOSFODNN7EXAMPLA",
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


@pytest.mark.parametrize(("kind", "secret"), SECRETS.items(), ids=SECRETS)
def test_a_secret_is_found_in_its_line(tmp_path: Path, kind: str, secret: str) -> None:
    path = tmp_path / "settings.env"
    path.write_text(f"first=1\nTHE_VALUE='{secret}'\n")
    assert (kind, 2) in {(each.kind, each.line) for each in find_secrets([path])}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_line_that_says_so_is_let_pass(tmp_path: Path, secret: str) -> None:
    path = tmp_path / "example.py"
    path.write_text(f'EXAMPLE = "{secret}"  # pragma: allowlist secret\n')
    assert find_secrets([path]) == []


@pytest.mark.parametrize(
    "harmless",
    [
        "--hash=sha256:" + "110123456789abcdef" * 3 + "0123456789",
        "commit = 4f2a9c1b7d3e5f60718293a4b5c6d7e8f9012345",
        "SLACK_SIGNING_SECRET=${SECRET}",
        "token: github_pat_...",
        "xapp-your-token",
        "postgresql://user:password@host/name",
    ],
)
def test_what_only_resembles_a_secret_is_let_pass(tmp_path: Path, harmless: str) -> None:
    path = tmp_path / "harmless.txt"
    path.write_text(harmless + "\n")
    assert find_secrets([path]) == []


def test_every_tracked_file_is_searched() -> None:
    assert {Path("requirements.txt"), Path("bot/__init__.py")} <= set(tracked_files())


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "anchor==1.0 \\\n    --hash=sha256:00\nrope[extra]==2.1 \\\n    --hash=sha256:00\n    # via anchor\n"
    )
    return path


def report(**packages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "dependencies": [{"name": name, "version": "1.0", "vulns": found} for name, found in packages.items()]
    }


def each_time(answer: dict[str, Any] | Unreachable) -> Ask:
    return lambda _service, _lock: answer


def test_the_packages_of_a_lock_are_read(lock: Path) -> None:
    assert locked_packages(lock) == {"anchor", "rope"}


def test_an_unreachable_service_leaves_everything_unaudited_and_says_so(lock: Path) -> None:
    result = audit(lock, each_time(Unreachable("no route")))
    assert not result.vulnerable
    assert describe(lock, result)[-1].endswith("anchor, rope")
    assert f"the service '{Service.OSV}' could not be reached: no route" in describe(lock, result)


def test_what_one_service_does_not_know_the_next_is_asked(lock: Path) -> None:
    answers = {Service.PYPI: report(anchor=[]), Service.OSV: report(anchor=[], rope=[])}
    answers[Service.PYPI]["dependencies"].append({"name": "rope", "skip_reason": "not found"})
    result = audit(lock, lambda service, _lock: answers[service])
    assert describe(lock, result) == [f"{lock}: 2 of 2 packages audited for known vulnerabilities"]


def test_a_skipped_package_is_named(lock: Path) -> None:
    skipped = report(anchor=[])
    skipped["dependencies"].append({"name": "rope", "skip_reason": "not found"})
    assert describe(lock, audit(lock, each_time(skipped)))[-1].endswith(": rope")


def test_a_vulnerability_is_found_and_named_with_its_fix(lock: Path) -> None:
    hole = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}
    result = audit(lock, each_time(report(anchor=[hole], rope=[])))
    assert result.vulnerable == {"anchor 1.0": ["PYSEC-2026-1, fixed in 1.1"]}
    assert "VULNERABLE anchor 1.0: PYSEC-2026-1, fixed in 1.1" in describe(lock, result)
