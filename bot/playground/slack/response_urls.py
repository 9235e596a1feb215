"""`response_url`: five answers within thirty minutes, to one place, without a token."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.content import Content, check_content
from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.ids import Ids
from bot.playground.slack.limits import POST_TEXT
from bot.playground.slack.posting import Posting, with_ids
from bot.playground.slack.world import Message

Json = dict[str, Any]
MOST_USES = 5
LIFE_SECONDS = 30 * 60


@dataclass
class ResponseUrl:
    """Where answers go; `original` is the message that was clicked."""

    person: str
    channel: str
    original: Message | None
    issued: float
    uses: int = 0


@dataclass
class ResponseUrls:
    """The addresses handed out, and what happens when they are used."""

    posting: Posting
    ids: Ids
    refused_blocks: Set[str]
    base: str = ""
    _issued: dict[str, ResponseUrl] = field(default_factory=dict)

    def issue(self, person: str, channel: str, original: Message | None = None) -> str:
        """A new address."""
        key = self.ids.secret()
        self._issued[key] = ResponseUrl(person, channel, original, self.ids.now())
        return f"{self.base}/response/{key}"

    def answer(self, key: str, body: Json) -> tuple[int, Json]:
        """Use an address once: the HTTP status and what it says."""
        place = self._issued.get(key)
        if place is None:
            return 404, {"ok": False, "error": "invalid_url"}
        if self.ids.now() - place.issued > LIFE_SECONDS:
            return 404, {"ok": False, "error": "expired_url"}
        if place.uses >= MOST_USES:
            return 404, {"ok": False, "error": "used_url"}
        try:
            self.show(place, body)
        except SlackError as error:
            return 400, error.answer()
        place.uses += 1
        return 200, {"ok": True}

    def show(self, place: ResponseUrl, body: Json) -> None:
        """Do what an answer says: a new message, or a change to the one that was clicked."""
        original = place.original
        if body.get("delete_original") and original is not None:
            self.posting.remove(original)
            return
        content = Content(body.get("text"), body.get("blocks"), body.get("attachments"), body.get("metadata"))
        if content.empty:
            raise SlackError(ErrorCode.NO_TEXT)
        check_content(content, POST_TEXT, self.refused_blocks)
        if body.get("replace_original") and original is not None:
            self._replace(original, content)
        else:
            self._new(place, body, content)

    def _replace(self, original: Message, content: Content) -> None:
        original.text = content.text or ""
        original.blocks = with_ids(content.blocks or [], self.ids)
        original.attachments = content.attachments or []
        original.edited = None if original.ephemeral_for else self.ids.ts()
        self.posting.changed(original)

    def _new(self, place: ResponseUrl, body: Json, content: Content) -> None:
        message = Message(
            ts=self.ids.ts(),
            channel=place.channel,
            user=self.posting.world.identity.bot_user,
            text=content.text or "",
            by_app=True,
            blocks=content.blocks or [],
            attachments=content.attachments or [],
            metadata=content.metadata,
            thread_ts=body.get("thread_ts"),
        )
        if body.get("response_type") == "in_channel":
            self.posting.post(message)
        else:
            message.ephemeral_for = place.person
            self.posting.whisper(message)
