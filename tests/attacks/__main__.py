"""`python -m tests.attacks [kind ...]`: some kinds alone, on SQLite, with everything they draw."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.attacks.gates import GATE_ATTACKS, besiege_gate
from tests.attacks.siege import Case, Outcome, besiege
from tests.attacks.table import ATTACKS
from tests.databases import Backend, Databases


def say(text: str) -> None:
    """To the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def _place(databases: Databases) -> Iterator[tuple[str, Path]]:
    """A house's own folder and database."""
    with tempfile.TemporaryDirectory() as folder, databases.migrated(Backend.SQLITE, Path(folder)) as url:
        yield url, Path(folder)


def main() -> int:
    """The exit code: 0 when no flaw was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="kind", help="all when absent")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=1)
    given = parser.parse_args()
    random = Random(given.seed)  # nosec B311 - repeatable
    chosen = [each for each in ATTACKS if not given.kinds or each.__name__ in given.kinds] * given.times
    at_gate = [each for each in GATE_ATTACKS if not given.kinds or each.__name__ in given.kinds]
    attempts = [Case(number, each, random.getrandbits(32)) for number, each in enumerate(chosen)]
    databases, outcome = Databases.open(), Outcome()
    try:
        if attempts:
            with _place(databases) as (url, folder):
                outcome = asyncio.run(besiege(url, folder, attempts, say))
        if at_gate:
            with _place(databases) as (url, _):
                outcome.flaws += asyncio.run(besiege_gate(url, random, given.times, at_gate))
    finally:
        databases.close()
    for line in (*outcome.flaws, f"{outcome.ran} ran, {len(outcome.flaws)} flaws"):
        say(line)
    return 1 if outcome.flaws else 0


if __name__ == "__main__":
    sys.exit(main())
