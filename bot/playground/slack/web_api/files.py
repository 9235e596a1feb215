"""files.*: the three steps of an upload."""

from __future__ import annotations

import mimetypes

from bot.playground.slack.backend import Backend
from bot.playground.slack.content import Content
from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.shown import file_to_api
from bot.playground.slack.web_api.chat import new_message, postable_channel
from bot.playground.slack.web_api.method import Args, Json, Method
from bot.playground.slack.world import StoredFile


def get_upload_url(backend: Backend, args: Args) -> Json:
    """files.getUploadURLExternal."""
    name, length = args.need("filename"), args.number("length", 0)
    if length <= 0:
        wrong = ["must be greater than 0 [json-pointer:/length]"]
        raise SlackError.with_messages(ErrorCode.INVALID_ARGUMENTS, wrong)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = StoredFile(backend.ids.new("F"), name, name, kind, length, backend.ids.secret())
    backend.world.files[file.id] = file
    return {"upload_url": f"{backend.base}/upload/v1/{file.upload_key}", "file_id": file.id}


def complete_upload(backend: Backend, args: Args) -> Json:
    """files.completeUploadExternal: shares the files when a channel is named."""
    rows = args.parsed("files", ErrorCode.INVALID_ARGUMENTS, list)
    files = [_finished(backend, row) for row in rows or []]
    if not files:
        raise SlackError(ErrorCode.FILE_NOT_FOUND)
    key = args.text("channel_id") or next(iter(args.names("channels", "")), None)
    if key:
        channel = postable_channel(backend, key)
        content = Content(args.text("initial_comment"), None, None, None)
        message = new_message(backend, channel, args, content)
        message.files = [file.id for file in files]
        backend.posting.post(message)
    return {"files": [file_to_api(backend.world, file, backend.base) for file in files]}


def _finished(backend: Backend, row: Json) -> StoredFile:
    file = backend.world.files.get(str(row.get("id")))
    if file is None or not file.uploaded:
        raise SlackError(ErrorCode.FILE_NOT_FOUND)
    file.title, file.shared = str(row.get("title") or file.name), True
    return file


WRITE = ("files:write",)
METHODS = (
    Method("files.getUploadURLExternal", get_upload_url, Tier.FOUR, WRITE),
    Method("files.completeUploadExternal", complete_upload, Tier.FOUR, WRITE),
)
