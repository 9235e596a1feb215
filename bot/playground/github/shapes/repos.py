"""Repositories as JSON: the minimal shape, the full one, and the one in webhooks."""

from __future__ import annotations

from datetime import datetime

from bot.playground.github.http import Json, stamp
from bot.playground.github.shapes.people import Urls, node, user
from bot.playground.github.world import Repository

REPO_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def minimal(urls: Urls, repo: Repository) -> Json:
    """The repository inside other answers."""
    me = urls.repo(repo.full_name)
    return {
        "id": repo.id,
        "node_id": node("Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": user(urls, repo.owner),
        "html_url": f"{urls.web}/{repo.full_name}",
        "description": repo.description,
        "fork": False,
        "url": me,
        **{name: me + path for name, path in REPO_URLS.items()},
    }


def full(urls: Urls, repo: Repository) -> Json:
    """The repository as `/repos/{owner}/{repo}` tells."""
    pushed = stamp(_pushed(repo))
    web = f"{urls.web}/{repo.full_name}"
    return {
        **minimal(urls, repo),
        "created_at": stamp(repo.created_at),
        "updated_at": pushed,
        "pushed_at": pushed,
        "git_url": f"git:{web.partition(':')[2]}.git",
        "ssh_url": f"git@localhost:{repo.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": repo.language,
        "license": None,
        "size": len(repo.git.commits),
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "default_branch": repo.default_branch,
        "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
        **_counts(),
        **_features(),
    }


def in_webhook(urls: Urls, repo: Repository) -> Json:
    """The repository as webhooks carry it: without what depends on the reader."""
    return {k: v for k, v in full(urls, repo).items() if k not in ("permissions", *_MERGING)}


def in_push(urls: Urls, repo: Repository) -> Json:
    """A push carries two of its times as numbers, and two fields of old."""
    pushed = int(_pushed(repo).timestamp())
    return {
        **in_webhook(urls, repo),
        "url": f"{urls.web}/{repo.full_name}",
        "created_at": int(repo.created_at.timestamp()),
        "pushed_at": pushed,
        "stargazers": 0,
        "master_branch": repo.default_branch,
        "organization": repo.owner.login,
    }


_MERGING = {
    "allow_rebase_merge": True,
    "allow_squash_merge": True,
    "allow_auto_merge": False,
    "allow_merge_commit": True,
    "allow_update_branch": False,
    "delete_branch_on_merge": True,
}


def _counts() -> Json:
    return dict.fromkeys(
        (
            "forks_count",
            "stargazers_count",
            "watchers_count",
            "open_issues_count",
            "subscribers_count",
            "network_count",
            "forks",
            "open_issues",
            "watchers",
        ),
        0,
    )


def _features() -> Json:
    return {
        "is_template": False,
        "has_issues": True,
        "has_projects": True,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "allow_forking": False,
        "web_commit_signoff_required": False,
        **_MERGING,
    }


def _pushed(repo: Repository) -> datetime:
    head = repo.git.ref_commit(repo.head)
    return head.committer.date if head else repo.created_at
