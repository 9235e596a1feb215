"""What people see, kept as files: a change of a view shows as a change of its picture in JSON.

`UPDATE_GOLDEN=1 pytest tests/unit/slack/test_views.py` writes them anew; read the difference then.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def golden(name: str, made: dict[str, Any]) -> None:
    """Hold what was made against the file of this name."""
    path = FOLDER / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    assert path.exists(), f"{path.name} is missing: run with UPDATE_GOLDEN=1"
    assert made == json.loads(path.read_text()), f"{path.name} shows something else: see tests/golden"


def kept() -> set[str]:
    """The names of all the files."""
    return {path.stem for path in FOLDER.glob("*.json")}
