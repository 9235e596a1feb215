"""Users, organisations and teams as JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from bot.playground.github.http import Json
from bot.playground.github.model import Team, User

USER_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


@dataclass(frozen=True)
class Urls:
    """Where the API and the web pages of this GitHub are."""

    api: str
    web: str

    def repo(self, full_name: str) -> str:
        return f"{self.api}/repos/{full_name}"


def node(kind: str, number: int | str) -> str:
    """An opaque node id."""
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


def user(urls: Urls, who: User) -> Json:
    """A simple user."""
    me = f"{urls.api}/users/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node(who.kind, who.id),
        "avatar_url": f"{urls.web}/avatars/u/{who.id}",
        "gravatar_id": "",
        "url": me,
        "html_url": f"{urls.web}/{who.login}",
        **{name: me + path for name, path in USER_URLS.items()},
        "type": who.kind,
        "site_admin": False,
        "user_view_type": "public",
    }


def profile(urls: Urls, who: User) -> Json:
    """A user as `/users/{login}` and `/user` tell."""
    return {
        **user(urls, who),
        "name": who.name,
        "company": "Acme",
        "blog": "",
        "location": None,
        "email": who.email,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2019-03-04T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
    }


def organization(urls: Urls, org: User) -> Json:
    """An organisation as webhooks carry it."""
    me = f"{urls.api}/orgs/{org.login}"
    return {
        "login": org.login,
        "id": org.id,
        "node_id": node("Organization", org.id),
        "url": me,
        "repos_url": f"{me}/repos",
        "events_url": f"{me}/events",
        "hooks_url": f"{me}/hooks",
        "issues_url": f"{me}/issues",
        "members_url": f"{me}/members{{/member}}",
        "public_members_url": f"{me}/public_members{{/member}}",
        "avatar_url": f"{urls.web}/avatars/u/{org.id}",
        "description": org.name,
    }


def organization_full(urls: Urls, org: User, repositories: int) -> Json:
    return {
        **organization(urls, org),
        "name": org.name,
        "html_url": f"{urls.web}/{org.login}",
        "type": "Organization",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "total_private_repos": repositories,
        "created_at": "2019-03-04T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "archived_at": None,
    }


def team(urls: Urls, org: User, which: Team) -> Json:
    me = f"{urls.api}/organizations/{org.id}/team/{which.id}"
    return {
        "id": which.id,
        "node_id": node("Team", which.id),
        "name": which.name,
        "slug": which.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "push",
        "type": "organization",
        "organization_id": org.id,
        "url": me,
        "html_url": f"{urls.web}/orgs/{org.login}/teams/{which.slug}",
        "members_url": f"{me}/members{{/member}}",
        "repositories_url": f"{me}/repos",
        "parent": None,
    }


def team_full(urls: Urls, org: User, which: Team, repositories: int) -> Json:
    return {
        **team(urls, org, which),
        "members_count": len(which.members),
        "repos_count": repositories,
        "created_at": "2019-03-04T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "organization": organization_full(urls, org, repositories),
    }
