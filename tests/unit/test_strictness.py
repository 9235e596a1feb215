"""In CI nothing is skipped; elsewhere a skip is a skip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources import ROOT

SKIPS = """
import pytest

@pytest.mark.skipif(True, reason="no Chromium here")
def test_with_a_browser(): ...

def test_that_finds_out_late():
    pytest.skip("no display here")

@pytest.mark.xfail(reason="known")
def test_that_is_expected_to_fail():
    assert False
"""
SKIPPED_FILE = "import pytest\npytest.importorskip('a_module_nobody_has')\n"


def outcome(folder: Path, ci: str) -> str:
    """The closing line of pytest on these files, with the hooks of our conftest."""
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    (folder / "test_it.py").write_text(SKIPS)
    (folder / "test_skipped_whole.py").write_text(SKIPPED_FILE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:randomly",
        "-c",
        os.devnull,
        "--rootdir",
        ".",
        "-q",
        "--continue-on-collection-errors",
        ".",
    ]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return run.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("ci", "line"), [("true", "1 failed, 1 xfailed, 2 errors"), ("", "3 skipped, 1 xfailed")]
)
def test_a_skipped_test_or_file_fails_in_ci_alone(tmp_path: Path, ci: str, line: str) -> None:
    assert outcome(tmp_path, ci).startswith(line)
