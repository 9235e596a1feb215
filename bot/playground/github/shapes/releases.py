"""Releases as JSON."""

from __future__ import annotations

from bot.playground.github.http import Json, maybe_stamp, stamp
from bot.playground.github.model import Release
from bot.playground.github.shapes.people import Urls, node, user
from bot.playground.github.world import Repository


def release(urls: Urls, repo: Repository, one: Release) -> Json:
    """As `/repos/{owner}/{repo}/releases/{id}` and the webhook tell."""
    me, web = f"{urls.repo(repo.full_name)}/releases/{one.id}", f"{urls.web}/{repo.full_name}"
    draft = one.published_at is None
    page = f"{web}/releases/tag/" + (f"untagged-{one.id:x}" if draft else one.tag)
    return {
        "url": me,
        "assets_url": f"{me}/assets",
        "upload_url": f"{me}/assets{{?name,label}}",
        "html_url": page,
        "id": one.id,
        "author": user(urls, one.author),
        "node_id": node("Release", one.id),
        "tag_name": one.tag,
        "target_commitish": one.target,
        "name": one.name,
        "draft": draft,
        "immutable": False,
        "prerelease": one.prerelease,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.published_at or one.created_at),
        "published_at": maybe_stamp(one.published_at),
        "assets": [],
        "tarball_url": None if draft else f"{urls.repo(repo.full_name)}/tarball/{one.tag}",
        "zipball_url": None if draft else f"{urls.repo(repo.full_name)}/zipball/{one.tag}",
        "body": one.notes,
    }
