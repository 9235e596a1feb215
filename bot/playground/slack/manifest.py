"""The app's manifest: what Slack would refuse in it, and what the workspace knows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Json = dict[str, Any]

_KEPT = """
    active apps archive away call collapse dm dnd expand feed feedback help huddle invite invite_people join
    keys kick leave me msg mute open part prefs remind remove rename search shortcuts shrug star status topic
    unarchive who
"""
# The commands Slack keeps for itself.
RESERVED = frozenset(f"/{name}" for name in _KEPT.split())
COMMAND_FORM = re.compile(r"/[a-z0-9_-]{1,31}")


class ManifestRefused(Exception):
    """Slack would not take this manifest; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class SlashCommand:
    """One of `features.slash_commands`."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True)
class Shortcut:
    """One of `features.shortcuts`."""

    name: str
    type: str
    callback_id: str
    description: str


@dataclass(frozen=True)
class Manifest:
    """The parts of the manifest that change how the workspace behaves."""

    name: str
    bot_name: str
    commands: dict[str, SlashCommand]
    shortcuts: dict[str, Shortcut]
    scopes: frozenset[str]
    bot_events: frozenset[str]
    unfurl_domains: tuple[str, ...]
    interactivity: bool
    home_tab: bool
    messages_tab: bool
    messages_read_only: bool

    def scope_list(self) -> str:
        """As in the header `x-oauth-scopes`."""
        return ",".join(sorted(self.scopes))


def _too_long(where: str, value: str, most: int) -> list[str]:
    return [f"{where} is longer than {most} characters"] if len(value) > most else []


def _command_problems(commands: list[Json]) -> list[str]:
    found = ["there are more than 50 slash commands"] if len(commands) > 50 else []
    names = [str(row.get("command", "")) for row in commands]
    for name, row in zip(names, commands, strict=True):
        if not COMMAND_FORM.fullmatch(name):
            found.append(f"{name or 'a command without a name'}: 2 to 32 characters, beginning with /")
        if name in RESERVED:
            found.append(f"{name} is reserved by Slack")
        if names.count(name) > 1:
            found.append(f"{name} is there twice")
        if not row.get("description"):
            found.append(f"{name} has no description")
        found += _too_long(f"the description of {name}", str(row.get("description", "")), 2000)
        found += _too_long(f"the usage hint of {name}", str(row.get("usage_hint", "")), 1000)
    return found


def _shortcut_problems(shortcuts: list[Json]) -> list[str]:
    found = ["there are more than 10 shortcuts"] if len(shortcuts) > 10 else []
    for row in shortcuts:
        name = str(row.get("name", ""))
        if row.get("type") not in ("global", "message") or not row.get("callback_id") or not name:
            found.append(f"shortcut {name}: name, type (global or message) and callback_id are required")
        found += _too_long(f"the name of shortcut {name}", name, 24)
        found += _too_long(f"the description of shortcut {name}", str(row.get("description", "")), 150)
    return found


def problems(document: Json) -> list[str]:
    """Everything Slack would refuse."""
    about, features = document.get("display_information", {}), document.get("features", {})
    settings, long = document.get("settings", {}), str(about.get("long_description", ""))
    found = [] if about.get("name") else ["display_information.name is missing"]
    found += _too_long("the name", str(about.get("name", "")), 35)
    found += _too_long("the description", str(about.get("description", "")), 140)
    if long and not 175 <= len(long) <= 4000:
        found.append("the long description has between 175 and 4000 characters")
    found += _too_long("the bot's name", str(features.get("bot_user", {}).get("display_name", "")), 80)
    found += _command_problems(features.get("slash_commands", []))
    found += _shortcut_problems(features.get("shortcuts", []))
    if len(features.get("unfurl_domains", [])) > 5:
        found.append("there are more than 5 unfurl domains")
    if len(settings.get("event_subscriptions", {}).get("bot_events", [])) > 100:
        found.append("there are more than 100 bot events")
    if "interactivity" in settings and "is_enabled" not in settings["interactivity"]:
        found.append("settings.interactivity.is_enabled is missing")
    return list(dict.fromkeys(found))


def _commands(rows: list[Json]) -> dict[str, SlashCommand]:
    made = (
        SlashCommand(
            str(row["command"]),
            str(row["description"]),
            str(row.get("usage_hint", "")),
            bool(row.get("should_escape", False)),
        )
        for row in rows
    )
    return {command.command: command for command in made}


def _shortcuts(rows: list[Json]) -> dict[str, Shortcut]:
    made = (
        Shortcut(str(r["name"]), str(r["type"]), str(r["callback_id"]), str(r.get("description", "")))
        for r in rows
    )
    return {shortcut.callback_id: shortcut for shortcut in made}


@lru_cache(maxsize=8)  # a company of tests reads the same file again and again
def parse(text: str) -> Manifest:
    """A manifest in YAML or JSON; raises `ManifestRefused`."""
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ManifestRefused([f"not YAML or JSON: {error}"]) from error
    if not isinstance(document, dict):
        raise ManifestRefused(["the manifest is a mapping"])
    if found := problems(document):
        raise ManifestRefused(found)
    features, settings = document.get("features", {}), document.get("settings", {})
    home = features.get("app_home", {})
    name = str(document["display_information"]["name"])
    return Manifest(
        name=name,
        bot_name=str(features.get("bot_user", {}).get("display_name", name)),
        commands=_commands(features.get("slash_commands", [])),
        shortcuts=_shortcuts(features.get("shortcuts", [])),
        scopes=frozenset(document.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        unfurl_domains=tuple(features.get("unfurl_domains", [])),
        interactivity=bool(settings.get("interactivity", {}).get("is_enabled", False)),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", True)),
        messages_read_only=bool(home.get("messages_tab_read_only_enabled", True)),
    )


@dataclass
class ManifestFile:
    """The manifest on disk, read again when it changes; a bad change keeps the last good one."""

    path: Path
    refused: list[str] = field(default_factory=list)
    _stamp: tuple[int, int] = (0, 0)
    _manifest: Manifest | None = None

    def current(self) -> Manifest:
        """The manifest as it is now; the first read raises `ManifestRefused`."""
        if self._manifest is not None and not self.path.exists():
            return self._manifest
        stat = self.path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if self._manifest is None:
            self._manifest = parse(self.path.read_text(encoding="utf-8"))
        elif stamp != self._stamp:
            self._reread(self._manifest)
        self._stamp = stamp
        return self._manifest

    def _reread(self, last_good: Manifest) -> None:
        try:
            self._manifest, self.refused = parse(self.path.read_text(encoding="utf-8")), []
        except ManifestRefused as refusal:
            self._manifest, self.refused = last_good, refusal.problems
