"""The GitHub App, its installation and its webhook deliveries as JSON."""

from __future__ import annotations

from bot.playground.github.auth import AppIdentity
from bot.playground.github.hooks import HOOK_ID, Delivery, Hooks
from bot.playground.github.http import Json, stamp
from bot.playground.github.model import User
from bot.playground.github.shapes.people import Urls, node, user

PERMISSIONS = {
    "actions": "write",
    "checks": "read",
    "contents": "write",
    "deployments": "write",
    "environments": "read",
    "members": "read",
    "metadata": "read",
    "pull_requests": "read",
    "statuses": "read",
}


def app(urls: Urls, org: User, one: AppIdentity, events: list[str]) -> Json:
    return {
        "id": one.id,
        "client_id": one.client_id,
        "slug": one.slug,
        "node_id": node("App", one.id),
        "owner": user(urls, org),
        "name": one.slug.title(),
        "description": "",
        "external_url": urls.web,
        "html_url": f"{urls.web}/apps/{one.slug}",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "permissions": PERMISSIONS,
        "events": events,
        "installations_count": 1,
    }


def installation(urls: Urls, org: User, one: AppIdentity, events: list[str]) -> Json:
    me = f"{urls.api}/app/installations/{one.installation_id}"
    return {
        "id": one.installation_id,
        "client_id": one.client_id,
        "account": user(urls, org),
        "repository_selection": "all",
        "access_tokens_url": f"{me}/access_tokens",
        "repositories_url": f"{urls.api}/installation/repositories",
        "html_url": f"{urls.web}/organizations/{org.login}/settings/installations/{one.installation_id}",
        "app_id": one.id,
        "app_slug": one.slug,
        "target_id": org.id,
        "target_type": "Organization",
        "permissions": PERMISSIONS,
        "events": events,
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None,
    }


def hook(me: str, one: Hooks) -> Json:
    """A webhook of an organisation or a repository, as it is listed."""
    of_repository = one.repository_id is not None
    return {
        "type": "Repository" if of_repository else "Organization",
        "id": HOOK_ID,
        "name": "web",
        "active": one.deliver_to is not None,
        "events": one.events,
        "config": {
            "content_type": "json",
            "insecure_ssl": "0",
            "secret": "********",
            "url": one.deliver_to or "",
        },
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "url": me,
        "test_url": f"{me}/test",
        "ping_url": f"{me}/pings",
        "deliveries_url": f"{me}/deliveries",
        "last_response": {"code": None, "status": "unused", "message": None},
    }


def delivery_item(one: Delivery, installation_id: int | None) -> Json:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": stamp(one.at),
        "redelivery": one.redelivery,
        "duration": one.duration,
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": installation_id,
        "repository_id": one.repository_id,
        "throttled_at": None,
    }


def delivery(one: Delivery, installation_id: int | None, url: str) -> Json:
    return {
        **delivery_item(one, installation_id),
        "url": url,
        "request": {
            "headers": {"X-GitHub-Event": one.event, "X-GitHub-Delivery": one.guid},
            "payload": one.payload,
        },
        "response": {"headers": {}, "payload": one.status},
    }
