"""Requests as Slack and GitHub send them, signed and unique, made before the clock starts."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from enum import StrEnum
from urllib.parse import urlencode

SECRET = "0123456789abcdef0123456789abcdef"
SLACK_PATH = "/slack/events"
GITHUB_PATH = "/webhooks/github"


class Traffic(StrEnum):
    """Who sends."""

    SLACK = "slack"
    GITHUB = "github"


def prepare(traffic: Traffic, count: int) -> list[bytes]:
    """So many whole HTTP requests, no two alike."""
    match traffic:
        case Traffic.SLACK:
            return [_slash_command() for _ in range(count)]
        case Traffic.GITHUB:
            return [_workflow_run() for _ in range(count)]


def _slash_command() -> bytes:
    trigger = uuid.uuid4().hex
    counter = time.time_ns() // 1000  # Slack's triggers begin with a number that grows
    body = urlencode(
        {
            "token": "gIkuvaNzQIHg97ATvDxqgjtO",
            "team_id": "T0001",
            "team_domain": "acme",
            "channel_id": "C2147483705",
            "channel_name": "deploys",
            "user_id": "U2147483697",
            "user_name": "ada",
            "command": "/deploy",
            "text": "api staging because the fix for the login page is in",
            "api_app_id": "A123456",
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.com/commands/T0001/397700885554/{trigger[:24]}",
            "trigger_id": f"{counter}.47445629121.{trigger}",
        }
    ).encode()
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256)
    return _request(
        SLACK_PATH,
        body,
        {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        },
    )


def _workflow_run() -> bytes:
    delivery = str(uuid.uuid4())
    run = {
        "id": uuid.uuid4().int % 10**10,
        "name": "deploy",
        "head_branch": "main",
        "head_sha": hashlib.sha256(delivery.encode()).hexdigest()[:40],
        "path": ".github/workflows/deploy.yml",
        "status": "in_progress",
        "event": "workflow_dispatch",
    }
    # About as large as what GitHub sends: most of it are addresses of other resources.
    repository = {
        f"{name}_url": f"https://api.github.com/repos/acme/api/{name}{{/sha}}" for name in _RESOURCES
    }
    payload = {
        "action": "in_progress",
        "workflow_run": {**run, "repository": repository, "head_repository": repository},
        "repository": {"id": 1296269, "full_name": "acme/api", **repository},
        "sender": {"login": "ada", "id": 1, "type": "User"},
    }
    body = json.dumps(payload).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return _request(
        GITHUB_PATH,
        body,
        {
            "User-Agent": "GitHub-Hookshot/044aadd",
            "Content-Type": "application/json",
            "X-GitHub-Delivery": delivery,
            "X-GitHub-Event": "workflow_run",
            "X-Hub-Signature-256": f"sha256={digest}",
        },
    )


def _request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: slipway.example.com",
        "Accept: */*",
        "Accept-Encoding: gzip,deflate",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


_RESOURCES = re.findall(
    r"\w+",
    """archive assignees blobs branches collaborators comments commits compare contents contributors
    deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues
    keys labels languages merges milestones notifications pulls releases stargazers statuses subscribers
    subscription tags teams trees""",
)
