"""Files that are made from the registry of commands: written by one command, checked by another."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.core.errors import UserError
from bot.core.lifecycle import ENDS, TRANSITIONS, State
from bot.core.run_report_schema import SCHEMA
from bot.slack.manifest import manifest, render, table
from commands import COMMANDS

MANIFEST, README, LIFECYCLE = Path("app-manifest.yml"), Path("README.md"), Path("docs/lifecycle.md")
REPORT = Path("docs/slipway.schema.json")
BEGIN, END = "<!-- commands: made by `slipway manifest --write` -->", "<!-- end of commands -->"


def files() -> dict[Path, str]:
    """Every generated file with what it should hold."""
    return {
        MANIFEST: render(manifest(COMMANDS)),
        README: _with_table(README.read_text()),
        LIFECYCLE: diagram(),
        REPORT: json.dumps(SCHEMA, indent=2) + "\n",
    }


def write() -> int:
    """Write those that are stale."""
    for path, text in files().items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            sys.stdout.write(f"{path} written\n")
    return 0


def check() -> int:
    """1 when one of them is stale."""
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        sys.stderr.write(f"{path} is stale: run `slipway manifest --write`\n")
    return 1 if stale else 0


def _with_table(readme: str) -> str:
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError("README.md has no place for the table.", f"It needs `{BEGIN}` and `{END}`.")
    return f"{before}{BEGIN}\n{table(COMMANDS)}\n{END}{after}"


def diagram() -> str:
    """The life of a deployment, drawn from the table that rules it."""

    rows = [f"    {source} --> {target}: {trigger}" for (source, trigger), target in TRANSITIONS.items()]
    ends = [f"    {end} --> [*]" for end in State if end in ENDS]
    drawn = "\n".join(["    [*] --> requested", *rows, *ends])
    return (
        "# The life of a deployment\n\n"
        "Made by `slipway manifest --write` from the table in `bot/core/lifecycle.py`. An ended deployment\n"
        "absorbs every trigger: late hints and double clicks change nothing.\n\n"
        f"```mermaid\nstateDiagram-v2\n{drawn}\n```\n"
    )
