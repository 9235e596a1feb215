"""`python -m tests.proof`: runs what was not proved yet, remembers what was, prints the figures."""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from random import Random

from tests.databases import Databases
from tests.proof.cases import PARTS, Case
from tests.proof.proving import be_quiet, prove

FOLDER = Path(".proof")


def say(text: str) -> None:
    """To the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Record:
    """What was proved with this seed, kept over interruptions."""

    def __init__(self, part: str, seed: int) -> None:
        self._file = FOLDER / f"{part}-{seed}.json"
        self.seconds: dict[str, float] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def add(self, case: Case, seconds: float) -> None:
        """It held."""
        self.seconds[case.name] = round(seconds, 2)
        FOLDER.mkdir(exist_ok=True)
        self._file.write_text(json.dumps(self.seconds, indent=1))


def note(record: Record, case: Case, trouble: str, took: float) -> bool:
    """Whether it failed."""
    if trouble:
        say(f"  FAILED {case.name} ({took:.1f} s)\n{trouble}")
    else:
        record.add(case, took)
    return bool(trouble)


def run(part: str, seed: int, databases: Databases, only: str, jobs: int) -> int:
    """How many cases of this part failed."""
    record, failed = Record(part, seed), 0
    cases = [case for case in PARTS[part](Random(seed)) if only in case.name]  # nosec B311 - repeatable
    with ProcessPoolExecutor(jobs, get_context("spawn"), be_quiet) as pool:
        todo = [case for case in cases if case.name not in record.seconds]
        begun = {pool.submit(prove, case, databases.root): case for case in todo}
        try:
            for ended in as_completed(begun):
                failed += note(record, begun[ended], *ended.result())
        finally:
            pool.shutdown(cancel_futures=True)  # whoever interrupts does not wait for all the others
    held = [record.seconds[case.name] for case in cases if case.name in record.seconds]
    say(f"{part}: {len(held)} of {len(cases)} hold, {failed} failed, {sum(held):.0f} s in all (seed {seed})")
    return failed


def main() -> int:
    """The exit code: 0 when everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all when absent")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--jobs", type=int, default=1, help="cases at a time; more than one disturbs clocks")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    databases = Databases.open()
    try:
        failed = sum(
            run(part, given.seed, databases, given.only, given.jobs) for part in given.parts or PARTS
        )
    finally:
        databases.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
