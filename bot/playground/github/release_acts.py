"""What people do with releases: save them as drafts, publish them, and change them afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.playground.github.finding import ActRefused, Finding
from bot.playground.github.git import TAGS
from bot.playground.github.http import Json
from bot.playground.github.model import Release, User
from bot.playground.github.names import ActName
from bot.playground.github.routes.base import Parts
from bot.playground.github.world import Repository

NOTES = "## What is new\n\n* Refunds take partial amounts\n* Totals are rounded as the tax office wants it\n"


class ReleaseActs:
    """The acts around releases."""

    def __init__(self, parts: Parts, find: Finding) -> None:
        self._parts, self._site, self._find = parts, parts.site, find
        self.all: dict[ActName, Callable[[Json], Awaitable[Json]]] = {
            ActName.PUBLISH_RELEASE: self.publish,
            ActName.EDIT_RELEASE: self.edit,
        }

    async def publish(self, body: Json) -> Json:
        """A release of a tag, which is made where there is none; with `draft` it is only saved."""
        repo, who, tag = self._find.repo(body), self._find.who(body), str(body.get("tag") or "")
        if not tag or any(each.tag == tag and each.published_at for each in repo.releases.values()):
            raise ActRefused(f"{repo.full_name} has a release of the tag “{tag}” already.")
        now = self._site.clock.now()
        one = Release(
            id=self._site.world.number("release"),
            tag=tag,
            name=str(body.get("name") or tag),
            notes=str(body.get("notes") or NOTES),
            author=who,
            target=str(body.get("sha") or repo.default_branch),
            created_at=now,
            prerelease=bool(body.get("prerelease")),
        )
        repo.releases[one.id] = one
        self._parts.events.release(repo, one, "created", who)
        if body.get("draft"):
            return {"text": f"{who.name} saved a draft of {tag}.", "release": one.id}
        self._published(repo, one, who)
        return {"text": f"{who.name} published {tag} of {repo.full_name}.", "release": one.id}

    async def edit(self, body: Json) -> Json:
        """Other notes; with `publish` a draft goes out, and with `full` a prerelease is none any more."""
        repo, who = self._find.repo(body), self._find.who(body)
        one = repo.releases.get(int(body.get("release") or 0))
        if one is None:
            raise ActRefused(f"{repo.full_name} has no such release.")
        before, one.notes = one.notes, str(body.get("notes") or one.notes)
        if body.get("publish") and one.published_at is None:
            self._published(repo, one, who)
        self._parts.events.release(repo, one, "edited", who, changes={"body": {"from": before}})
        if body.get("full") and one.prerelease:
            one.prerelease = False
            self._parts.events.release(repo, one, "released", who)
        self._site.note_change()
        return {"text": f"{who.name} changed {one.tag} of {repo.full_name}."}

    def _published(self, repo: Repository, one: Release, who: User) -> None:
        if TAGS + one.tag not in repo.git.refs:
            target = repo.git.resolve(one.target)
            if target is None:
                raise ActRefused(f"{repo.full_name} has no commit {one.target}.")
            self._parts.pushes.update(repo, TAGS + one.tag, target.sha, who)
        one.published_at = self._site.clock.now()
        self._parts.events.release(repo, one, "published", who)
        self._parts.events.release(repo, one, "prereleased" if one.prerelease else "released", who)
        self._site.note_change()
