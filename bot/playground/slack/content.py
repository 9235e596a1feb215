"""What an app wants to show: text, blocks, attachments and metadata, checked as Slack checks them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.limits import BLOCK_TEXT_TOTAL, Surface, check_blocks, text_total

Json = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """`None` means: not sent, so an update keeps what is there."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None

    @property
    def empty(self) -> bool:
        """Nothing to show at all."""
        return not (self.text or self.blocks or self.attachments)


def check_content(content: Content, longest_text: int, refused: Set[str]) -> None:
    """Raise what Slack would answer."""
    if len(content.text or "") > longest_text:
        raise SlackError(ErrorCode.MSG_TOO_LONG)
    check_message_blocks(content.blocks, refused)
    for index, attachment in enumerate(content.attachments or []):
        check_message_blocks(attachment.get("blocks"), refused, f"/attachments/{index}/blocks")
    if content.metadata:
        _check_metadata(content.metadata)


def check_message_blocks(blocks: Any, refused: Set[str], path: str = "/blocks") -> None:
    """Raise what Slack would say about the blocks of one message."""
    if blocks is None:
        return
    if problems := check_blocks(blocks, Surface.MESSAGE, path, frozenset(refused)):
        raise SlackError.with_messages(ErrorCode.INVALID_BLOCKS, problems)
    if text_total(blocks) > BLOCK_TEXT_TOTAL:
        raise SlackError(ErrorCode.MSG_BLOCKS_TOO_LONG)


def _check_metadata(metadata: Json) -> None:
    named, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(named, str) or not named or not isinstance(payload, dict):
        raise SlackError(ErrorCode.INVALID_METADATA_FORMAT)
