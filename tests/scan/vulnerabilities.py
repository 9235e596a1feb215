"""Ask the vulnerability services about every package of a lock file, and say plainly which were not audited.

`python -m tests.scan.vulnerabilities requirements.txt` fails on a known vulnerability. That no service can be
reached is no failure: the scan goes on with the rest, but never looks like a clean bill of health.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Service(StrEnum):
    """The sources pip-audit can ask, in the order we ask them."""

    PYPI = "pypi"
    OSV = "osv"


@dataclass
class Audit:
    """What came of the questions, package by package."""

    audited: set[str] = field(default_factory=set)
    vulnerable: dict[str, list[str]] = field(default_factory=dict)
    unreached: dict[Service, str] = field(default_factory=dict)

    def add(self, report: dict[str, Any]) -> None:
        """Take in one report of pip-audit."""
        for package in report["dependencies"]:
            if "skip_reason" in package:
                continue
            self.audited.add(package["name"])
            if package["vulns"]:
                self.vulnerable[f"{package['name']} {package['version']}"] = [
                    f"{each['id']}, fixed in {', '.join(each['fix_versions']) or 'no version yet'}"
                    for each in package["vulns"]
                ]


@dataclass(frozen=True)
class Unreachable:
    """A service that gave no report, and why."""

    reason: str


Ask = Callable[[Service, Path], dict[str, Any] | Unreachable]


def ask_pip_audit(service: Service, lock: Path) -> dict[str, Any] | Unreachable:
    """Run pip-audit once; it writes a report only when the service answered."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(lock),
        "--require-hashes",
        "--disable-pip",
    ]
    options = ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"]
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if run.stdout.strip():
        report: dict[str, Any] = json.loads(run.stdout)
        return report
    return Unreachable(reason=(run.stderr.strip().splitlines() or [f"exit code {run.returncode}"])[-1][:200])


def locked_packages(lock: Path) -> set[str]:
    """The names a lock file pins."""
    return set(re.findall(r"^([\w.-]+)(?:\[[^]]*])?==", lock.read_text(), re.MULTILINE))


def audit(lock: Path, ask: Ask = ask_pip_audit) -> Audit:
    """Ask one service after another until every package was audited by one of them."""
    result, wanted = Audit(), locked_packages(lock)
    for service in Service:
        if wanted - result.audited:
            answer = ask(service, lock)
            if isinstance(answer, Unreachable):
                result.unreached[service] = answer.reason
            else:
                result.add(answer)
    return result


def describe(lock: Path, result: Audit) -> list[str]:
    """What a person should read about it."""
    wanted = locked_packages(lock)
    missing = sorted(wanted - result.audited)
    lines = [
        f"{lock}: {len(wanted) - len(missing)} of {len(wanted)} packages audited for known vulnerabilities"
    ]
    lines += [f"VULNERABLE {package}: {each}" for package, all_ in result.vulnerable.items() for each in all_]
    lines += [
        f"the service '{service}' could not be reached: {why}" for service, why in result.unreached.items()
    ]
    if missing:
        lines.append(f"NOT AUDITED, as no service knew or answered: {', '.join(missing)}")
    return lines


def main(arguments: Sequence[str]) -> int:
    """Audit the named lock files; 1 when one of them pins a vulnerable package."""
    failed = False
    for lock in map(Path, arguments):
        result = audit(lock)
        sys.stdout.write("\n".join(describe(lock, result)) + "\n")
        failed = failed or bool(result.vulnerable)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
