"""Slack's own error codes, as the Web API gives them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """What stands in `error` of an answer that is not ok."""

    NOT_AUTHED = "not_authed"
    INVALID_AUTH = "invalid_auth"
    ACCOUNT_INACTIVE = "account_inactive"
    NOT_ALLOWED_TOKEN_TYPE = "not_allowed_token_type"
    MISSING_SCOPE = "missing_scope"
    UNKNOWN_METHOD = "unknown_method"
    INVALID_ARGUMENTS = "invalid_arguments"
    INVALID_JSON = "invalid_json"
    JSON_NOT_OBJECT = "json_not_object"
    INVALID_POST_TYPE = "invalid_post_type"
    RATELIMITED = "ratelimited"
    CHANNEL_NOT_FOUND = "channel_not_found"
    NOT_IN_CHANNEL = "not_in_channel"
    IS_ARCHIVED = "is_archived"
    IS_INACTIVE = "is_inactive"
    METHOD_NOT_SUPPORTED = "method_not_supported_for_channel_type"
    MESSAGES_TAB_DISABLED = "messages_tab_disabled"
    MESSAGE_NOT_FOUND = "message_not_found"
    THREAD_NOT_FOUND = "thread_not_found"
    CANNOT_REPLY = "cannot_reply_to_message"
    CANT_UPDATE_MESSAGE = "cant_update_message"
    CANT_DELETE_MESSAGE = "cant_delete_message"
    NO_TEXT = "no_text"
    MARKDOWN_TEXT_CONFLICT = "markdown_text_conflict"
    MSG_TOO_LONG = "msg_too_long"
    MSG_BLOCKS_TOO_LONG = "msg_blocks_too_long"
    INVALID_BLOCKS = "invalid_blocks"
    INVALID_BLOCKS_FORMAT = "invalid_blocks_format"
    INVALID_METADATA_FORMAT = "invalid_metadata_format"
    INVALID_CURSOR = "invalid_cursor"
    CANNOT_UNFURL_URL = "cannot_unfurl_url"
    CANNOT_UNFURL_MESSAGE = "cannot_unfurl_message"
    MISSING_UNFURLS = "missing_unfurls"
    USER_NOT_IN_CHANNEL = "user_not_in_channel"
    USER_NOT_FOUND = "user_not_found"
    USERS_NOT_FOUND = "users_not_found"
    USER_DISABLED = "user_disabled"
    USERS_LIST_NOT_SUPPLIED = "users_list_not_supplied"
    TOO_MANY_USERS = "too_many_users"
    NO_SUCH_SUBTEAM = "no_such_subteam"
    BOT_NOT_FOUND = "bot_not_found"
    INVALID_TRIGGER_ID = "invalid_trigger_id"
    EXPIRED_TRIGGER_ID = "expired_trigger_id"
    EXCHANGED_TRIGGER_ID = "exchanged_trigger_id"
    HASH_CONFLICT = "hash_conflict"
    NOT_FOUND = "not_found"
    NOT_ENABLED = "not_enabled"
    PUSH_LIMIT_REACHED = "push_limit_reached"
    DUPLICATE_EXTERNAL_ID = "duplicate_external_id"
    VIEW_TOO_LARGE = "view_too_large"
    ALREADY_REACTED = "already_reacted"
    INVALID_NAME = "invalid_name"
    ALREADY_PINNED = "already_pinned"
    FILE_NOT_FOUND = "file_not_found"


class SlackError(Exception):
    """A refused call; `extra` is merged into the answer."""

    def __init__(self, code: ErrorCode, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    @classmethod
    def with_messages(cls, code: ErrorCode, problems: list[str]) -> SlackError:
        """The form that names each broken rule twice, as Slack does."""
        told = [f"[ERROR] {problem}" for problem in problems]
        return cls(code, errors=problems, response_metadata={"messages": told})

    def answer(self) -> dict[str, Any]:
        """The JSON body."""
        return {"ok": False, "error": str(self.code), **self.extra}


def missing_field(name: str) -> SlackError:
    """A required argument that was not sent."""
    return SlackError.with_messages(ErrorCode.INVALID_ARGUMENTS, [f"missing required field: {name}"])
