"""Merged pull requests as JSON, as far as `commits/{sha}/pulls` tells of them."""

from __future__ import annotations

from bot.playground.github.http import Json, stamp
from bot.playground.github.model import PullRequest
from bot.playground.github.shapes.people import Urls, node, user
from bot.playground.github.shapes.repos import full
from bot.playground.github.world import Repository


def pull(urls: Urls, repo: Repository, one: PullRequest, owner: Json) -> Json:
    api, web = urls.repo(repo.full_name), f"{urls.web}/{repo.full_name}/pull/{one.number}"
    me, issue = f"{api}/pulls/{one.number}", f"{api}/issues/{one.number}"
    links = {
        "self": me,
        "html": web,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{me}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{me}/commits",
        "statuses": f"{api}/statuses/{one.head_sha}",
    }
    return {
        "url": me,
        "id": one.id,
        "node_id": node("PullRequest", one.id),
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": issue,
        **{
            f"{name}_url": links[name]
            for name in ("commits", "review_comments", "review_comment", "comments", "statuses")
        },
        "number": one.number,
        "state": "closed",
        "locked": False,
        "title": one.title,
        "user": user(urls, one.author),
        "body": None,
        "labels": [],
        "milestone": None,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.merged_at),
        "closed_at": stamp(one.merged_at),
        "merged_at": stamp(one.merged_at),
        "merge_commit_sha": one.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": False,
        "head": _end(urls, repo, one.head_ref, one.head_sha, owner),
        "base": _end(urls, repo, one.base_ref, one.base_sha, owner),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": "MEMBER",
        "auto_merge": None,
    }


def whole(urls: Urls, listed: Json, one: PullRequest) -> Json:
    """What only the pull request itself tells beside what a list does."""
    return listed | {
        "merged": True,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": user(urls, one.merged_by) if one.merged_by else None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    }


def _end(urls: Urls, repo: Repository, ref: str, sha: str, owner: Json) -> Json:
    label = f"{repo.owner.login}:{ref}"
    return {"label": label, "ref": ref, "sha": sha, "user": owner, "repo": full(urls, repo)}
