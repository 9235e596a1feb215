"""`slipway check`: what is wrong with a catalog, and what a change makes stricter or looser."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bot.config.catalog import CatalogResult, read_catalog, render_mistakes
from bot.config.compare import compare
from bot.config.mistakes import counted
from bot.config.settings import Settings


def check(path: Path, against: Path | None) -> int:
    """0 when it can be served; the mistakes go to standard error."""
    result = read_catalog(path)
    _print_mistakes(result)
    if result.catalog is None:
        return 1
    services = len(result.catalog.services)
    environments = sum(len(service.environments) for service in result.catalog.services)
    _say(f"{path} is in order: {counted(services, 'service')}, {counted(environments, 'environment')}.")
    if against is None:
        return 0
    old = read_catalog(against)
    if old.catalog is None:
        _print_mistakes(old)
        return 1
    changes = compare(old.catalog, result.catalog)
    for change in changes:
        _say(str(change))
    if not changes:
        _say(f"Nothing gets stricter or looser than in {against}.")
    return 0


def command_prefix(environ: Mapping[str, str]) -> str:
    """What stands before every command, whether or not the rest of the settings is there yet."""
    name = "SLIPWAY_COMMAND_PREFIX"
    given = {name: environ[name]} if name in environ else {}
    return Settings.load(given, serving=False).command_prefix


def _print_mistakes(result: CatalogResult) -> None:
    if result.errors or result.warnings:
        sys.stderr.write(render_mistakes(result, colour=sys.stderr.isatty()) + "\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
