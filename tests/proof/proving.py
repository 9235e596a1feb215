"""One case in a process of its own; `__main__` can't hold this, as no other process can import it."""

from __future__ import annotations

import asyncio
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from tests.databases import Databases
from tests.proof.cases import Case


def prove(case: Case, root: Path) -> tuple[str, float]:
    """Nothing when it holds, else what went wrong; and how many seconds it took."""
    began, trouble = time.monotonic(), ""
    with tempfile.TemporaryDirectory() as folder, Databases(root).migrated(case.backend, Path(folder)) as url:
        try:
            asyncio.run(case.run(url, Path(folder)))
        except Exception:  # noqa: BLE001 - a case that fails is counted, and the others go on
            trouble = traceback.format_exc()
    return trouble, time.monotonic() - began


def be_quiet() -> None:
    """Of what the killed leave open."""
    warnings.simplefilter("ignore", ResourceWarning)
