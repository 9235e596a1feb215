"""Requests as Slack and GitHub sign them, made without any code of the product."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

SECRET = "a-signing-secret"
NOW = 1_770_000_000


def slack_headers(body: bytes, *, at: int | str = NOW, secret: str = SECRET) -> dict[str, str]:
    """What Slack puts beside this body."""
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": str(at)}


def github_headers(
    body: bytes, *, delivery: str = "d-1", secret: str = SECRET, kind: str = "workflow_run"
) -> dict[str, str]:
    """What GitHub puts beside this body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "X-Hub-Signature-256": f"sha256={digest}",
        "X-GitHub-Event": kind,
        "X-GitHub-Delivery": delivery,
    }


def command(trigger: str = "1.2.abc", **more: str) -> bytes:
    """The form of a slash command."""
    fields = {"command": "/deploy", "text": "api staging", "team_id": "T1", "user_id": "U1"}
    return urlencode({**fields, "trigger_id": trigger, **more}).encode()


def interaction(kind: str, **more: Any) -> bytes:
    """The form that carries a click or a submitted form."""
    payload = {"type": kind, "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "3.4.def", **more}
    return urlencode({"payload": json.dumps(payload)}).encode()


def event(id: str = "Ev1", **more: Any) -> bytes:
    """The JSON of the Events API."""
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": id, **more}).encode()
