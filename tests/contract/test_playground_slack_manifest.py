"""What the Slack stand-in makes of a manifest."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.playground.clock import WallClock
from bot.playground.slack import ManifestRefused, SlackStandIn
from bot.playground.slack.manifest import ManifestFile, parse, problems
from tests.contract.playground_slack import MANIFEST, Json, workspace, write_manifest


def changed(path: str, value: Any) -> Json:
    """The manifest with one value replaced."""
    document = copy.deepcopy(MANIFEST)
    inner, *rest = document, *path.split(".")
    for name in rest[:-1]:
        inner = inner.setdefault(name, {})
    inner[rest[-1]] = value
    return document


def commands(*names: str) -> list[Json]:
    return [{"command": name, "description": "x"} for name in names]


KEPT = "status who search invite remind topic join leave open msg dnd me call archive"


@pytest.mark.parametrize("name", [f"/{name}" for name in KEPT.split(" ")])
def test_slacks_own_commands_are_refused(tmp_path: Path, name: str) -> None:
    path = write_manifest(tmp_path, changed("features.slash_commands", commands("/deploy", name)))
    with pytest.raises(ManifestRefused) as caught:
        SlackStandIn(
            clock=WallClock(),
            manifest_path=path,
            signing_secret="s",
            bot_token="b",
            app_token="a",
            deliver_to=None,
        )
    assert caught.value.problems == [f"{name} is reserved by Slack"]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("display_information.name", "x" * 36, "the name is longer than 35"),
        ("display_information.name", "", "display_information.name is missing"),
        ("display_information.description", "x" * 141, "the description is longer than 140"),
        ("display_information.long_description", "x" * 174, "between 175 and 4000"),
        ("features.bot_user.display_name", "x" * 81, "the bot's name is longer than 80"),
        ("features.slash_commands", commands(*[f"/c{n}" for n in range(51)]), "more than 50 slash commands"),
        ("features.slash_commands", commands("/x", "/x"), "/x is there twice"),
        ("features.slash_commands", commands("deploy"), "deploy: 2 to 32 characters"),
        ("features.slash_commands", commands("/" + "x" * 32), "2 to 32 characters"),
        ("features.slash_commands", [{"command": "/x"}], "/x has no description"),
        (
            "features.slash_commands",
            [{"command": "/x", "description": "x", "usage_hint": "x" * 1001}],
            "the usage hint of /x is longer than 1000",
        ),
        ("features.shortcuts", [{"name": "x" * 25, "type": "global", "callback_id": "c"}], "longer than 24"),
        (
            "features.shortcuts",
            [{"name": "x", "type": "local", "callback_id": "c"}],
            "type (global or message)",
        ),
        ("features.unfurl_domains", ["x.example"] * 6, "more than 5 unfurl domains"),
        ("settings.event_subscriptions.bot_events", ["x"] * 101, "more than 100 bot events"),
        ("settings.interactivity", {"request_url": "x"}, "is_enabled is missing"),
    ],
)
def test_the_limits_of_a_manifest(path: str, value: Any, told: str) -> None:
    assert any(told in problem for problem in problems(changed(path, value)))


def test_reads_yaml_and_json() -> None:
    assert problems(MANIFEST) == []
    manifest = parse(
        "display_information: {name: Slipway}\nfeatures:\n  slash_commands:\n"
        "    - {command: /deploy, description: Deploy, should_escape: true}\n"
    )
    assert manifest.commands["/deploy"].should_escape
    assert parse(json.dumps(MANIFEST)).bot_name == "slipway"
    for text in ("- a list", "{unclosed"):
        with pytest.raises(ManifestRefused):
            parse(text)


def test_a_changed_file_is_read_again_and_a_bad_change_is_not_taken(tmp_path: Path) -> None:
    path = write_manifest(tmp_path)
    file = ManifestFile(path)
    assert "/lock" not in file.current().commands
    write_manifest(tmp_path, changed("features.slash_commands", commands("/lock")))
    os.utime(path, ns=(1, 1))
    assert list(file.current().commands) == ["/lock"]
    write_manifest(tmp_path, changed("features.slash_commands", commands("/lock", "/status")))
    os.utime(path, ns=(2, 2))
    assert list(file.current().commands) == ["/lock"]
    assert file.refused == ["/status is reserved by Slack"]


async def test_the_workspace_knows_exactly_the_manifests_commands(tmp_path: Path) -> None:
    async with workspace(tmp_path) as acme:
        assert (await acme.slack.command("ada", "#deploys", "/state api"))["ok"]
        assert not (await acme.slack.command("ada", "#deploys", "/lock api"))["ok"]
        write_manifest(tmp_path, changed("features.slash_commands", commands("/lock")))
        os.utime(acme.manifest, ns=(1, 1))
        assert (await acme.slack.command("ada", "#deploys", "/lock api"))["ok"]
        assert not (await acme.slack.command("ada", "#deploys", "/state api"))["ok"]
    assert [one.body["command"] for one in acme.app.heard] == ["/state", "/lock"]
