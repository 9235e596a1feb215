"""The outside systems, by dotted name: each is loaded only where it is configured, because imports cost time.

A new one is a file or folder beside this and a line below.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

CI_PROVIDERS: dict[str, str] = {
    "github": "integrations.github.factory",
}
MEASURES: dict[str, str] = {
    "prometheus": "integrations.prometheus.factory",
}


def load(provider: str) -> ModuleType:
    """The module of a configured provider."""
    return import_module(CI_PROVIDERS[provider])


def load_measure(kind: str) -> ModuleType:
    """The module of a kind of source that the catalog names."""
    return import_module(MEASURES[kind])
