"""The project's own files, for tests that read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PRODUCT = ("bot", "commands", "integrations")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked_files(*suffixes: str) -> tuple[Path, ...]:
    """The files git keeps, relative to the project; all of them, or those with one of these suffixes."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = (Path(name) for name in listing.stdout.split("\0") if name)
    return tuple(
        path for path in paths if (ROOT / path).is_file() and (not suffixes or path.suffix in suffixes)
    )


def product_files() -> tuple[Path, ...]:
    """The Python files of the product."""
    return tuple(path for path in tracked_files(".py") if path.parts[0] in PRODUCT)


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a tracked file."""
    return ast.parse((ROOT / path).read_text(), filename=str(path))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, inner ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: Function) -> int:
    """How many lines a function has."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Every module a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def called_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every dotted name that is called, with its line; imported names are spelled in full."""
    full = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, dot, rest = dotted(node.func).partition(".")
            yield full.get(first, first) + dot + rest, node.lineno


def dotted(node: ast.expr) -> str:
    """`a.b.c` for such an expression, and `.c` for the c of something more complicated."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
