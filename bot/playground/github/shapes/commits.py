"""Commits, references, comparisons and files as JSON."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from bot.playground.github.git import Commit, Comparison, FileChange, Signature, TagObject, object_sha
from bot.playground.github.http import Json, stamp
from bot.playground.github.shapes.people import Urls, node, user
from bot.playground.github.world import Repository, World

UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}

SIGNED = {
    "verified": True,
    "reason": "valid",
    "signature": "-----BEGIN PGP SIGNATURE-----",
    "payload": "tree",
    "verified_at": "2026-01-01T00:00:00Z",
}


def signature(who: Signature) -> Json:
    return {"name": who.name, "email": who.email, "date": stamp(who.date)}


def account(urls: Urls, world: World, who: Signature) -> Json | None:
    """The account behind a signature; null when the address belongs to nobody."""
    found = world.user(who.login) if who.login else None
    return user(urls, found) if found else None


def commit(urls: Urls, world: World, repo: Repository, made: Commit) -> Json:
    """A commit without its files, as lists carry it."""
    me, web = urls.repo(repo.full_name), f"{urls.web}/{repo.full_name}"
    return {
        "sha": made.sha,
        "node_id": node("Commit", made.sha),
        "commit": {
            "author": signature(made.author),
            "committer": signature(made.committer),
            "message": made.message,
            "tree": {"sha": made.tree_sha, "url": f"{me}/git/trees/{made.tree_sha}"},
            "url": f"{me}/git/commits/{made.sha}",
            "comment_count": 0,
            "verification": SIGNED if made.signed else UNSIGNED,
        },
        "url": f"{me}/commits/{made.sha}",
        "html_url": f"{web}/commit/{made.sha}",
        "comments_url": f"{me}/commits/{made.sha}/comments",
        "author": account(urls, world, made.author),
        "committer": account(urls, world, made.committer),
        "parents": [
            {"sha": p, "url": f"{me}/commits/{p}", "html_url": f"{web}/commit/{p}"} for p in made.parents
        ],
    }


def commit_with_files(
    urls: Urls, world: World, repo: Repository, made: Commit, changes: Sequence[FileChange]
) -> Json:
    added, removed = (sum(c.additions for c in made.changes), sum(c.deletions for c in made.changes))
    return {
        **commit(urls, world, repo, made),
        "stats": {"total": added + removed, "additions": added, "deletions": removed},
        "files": [file_change(urls, repo, made.sha, change) for change in changes],
    }


def file_change(urls: Urls, repo: Repository, sha: str, change: FileChange) -> Json:
    web = f"{urls.web}/{repo.full_name}"
    return {
        "sha": object_sha(repo.git.commits[sha].tree.get(change.path, "")),
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{web}/blob/{sha}/{change.path}",
        "raw_url": f"{web}/raw/{sha}/{change.path}",
        "contents_url": f"{urls.repo(repo.full_name)}/contents/{change.path}?ref={sha}",
    }


def comparison(
    urls: Urls, world: World, repo: Repository, names: tuple[str, str], found: Comparison, shown: list[Commit]
) -> Json:
    """`names` are base and head as they were asked for; files are cut by the caller."""
    base, head = (repo.git.resolve(name) for name in names)
    if base is None or head is None:
        raise LookupError(names)
    basehead = f"{base.sha}...{head.sha}"
    web = f"{urls.web}/{repo.full_name}/compare/{basehead}"
    return {
        "url": f"{urls.repo(repo.full_name)}/compare/{basehead}",
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": commit(urls, world, repo, base),
        "merge_base_commit": commit(urls, world, repo, repo.git.commits[found.merge_base]),
        "status": found.status,
        "ahead_by": len(found.ahead),
        "behind_by": len(found.behind),
        "total_commits": len(found.ahead),
        "commits": [commit(urls, world, repo, one) for one in shown],
        "files": [file_change(urls, repo, head.sha, change) for change in found.files],
    }


def simple(made: Commit) -> Json:
    """The head commit inside a run."""
    return {
        "id": made.sha,
        "tree_id": made.tree_sha,
        "message": made.message,
        "timestamp": stamp(made.committer.date),
        "author": {"name": made.author.name, "email": made.author.email},
        "committer": {"name": made.committer.name, "email": made.committer.email},
    }


def ref(urls: Urls, repo: Repository, name: str, sha: str) -> Json:
    me = urls.repo(repo.full_name)
    kind = "tag" if sha in repo.git.tag_objects else "commit"
    return {
        "ref": name,
        "node_id": node("Ref", f"{repo.id}:{name}"),
        "url": f"{me}/git/{name}",
        "object": {"sha": sha, "type": kind, "url": f"{me}/git/{kind}s/{sha}"},
    }


def tag_object(urls: Urls, repo: Repository, tag: TagObject) -> Json:
    me = urls.repo(repo.full_name)
    return {
        "node_id": node("Tag", tag.sha),
        "sha": tag.sha,
        "url": f"{me}/git/tags/{tag.sha}",
        "tag": tag.name,
        "message": tag.message,
        "tagger": signature(tag.tagger),
        "object": {"sha": tag.target, "type": "commit", "url": f"{me}/git/commits/{tag.target}"},
        "verification": UNSIGNED,
    }


def tag(urls: Urls, repo: Repository, name: str, sha: str) -> Json:
    me = urls.repo(repo.full_name)
    return {
        "name": name,
        "node_id": node("Ref", f"{repo.id}:{name}"),
        "commit": {"sha": sha, "url": f"{me}/commits/{sha}"},
        "zipball_url": f"{me}/zipball/refs/tags/{name}",
        "tarball_url": f"{me}/tarball/refs/tags/{name}",
    }


def branch_short(urls: Urls, repo: Repository, name: str, sha: str) -> Json:
    me = urls.repo(repo.full_name)
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{me}/commits/{sha}"},
        "protected": name == repo.default_branch,
        "protection": {
            "enabled": name == repo.default_branch,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{me}/branches/{name}/protection",
    }


def branch(urls: Urls, world: World, repo: Repository, name: str, head: Commit) -> Json:
    short = branch_short(urls, repo, name, head.sha)
    links = {
        "self": f"{urls.repo(repo.full_name)}/branches/{name}",
        "html": f"{urls.web}/{repo.full_name}/tree/{name}",
    }
    return {**short, "commit": commit(urls, world, repo, head), "_links": links}


def content(urls: Urls, repo: Repository, path: str, text: str, at: str) -> Json:
    """A file with its text."""
    me, sha = urls.repo(repo.full_name), object_sha(text)
    self, git = f"{me}/contents/{path}?ref={at}", f"{me}/git/blobs/{sha}"
    html = f"{urls.web}/{repo.full_name}/blob/{at}/{path}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(text.encode()),
        "type": "file",
        "encoding": "base64",
        "content": base64.encodebytes(text.encode()).decode(),
        "url": self,
        "html_url": html,
        "git_url": git,
        "download_url": f"{urls.web}/{repo.full_name}/raw/{at}/{path}",
        "_links": {"self": self, "git": git, "html": html},
    }


def folder_entry(urls: Urls, repo: Repository, path: str, text: str, at: str) -> Json:
    """A file in the listing of its folder: the same without its text."""
    whole = content(urls, repo, path, text, at)
    return {k: v for k, v in whole.items() if k not in ("encoding", "content")}
