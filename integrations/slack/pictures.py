"""Pictures that messages of ours show; uploaded without a place, so that only such a message shows them."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import Transient
from integrations.slack.calls import SYSTEM, TIMEOUT, call


class SlackPictures:
    """The port Pictures."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    async def upload(self, workspace: str, name: str, picture: bytes, alt: str) -> str:  # noqa: ARG002
        """Three calls: an address, the bytes, the end. What breaks off leaves nothing that anybody sees."""
        wanted = {"filename": name, "length": len(picture), "alt_txt": alt}
        address = await call(
            self._client.api_call("files.getUploadURLExternal", params=wanted), repeatable=True
        )
        await self._send(str(address["upload_url"]), picture)
        ended: dict[str, Any] = {"files": [{"id": address["file_id"], "title": name}]}
        await call(self._client.api_call("files.completeUploadExternal", json=ended), repeatable=True)
        return str(address["file_id"])

    async def _send(self, url: str, picture: bytes) -> None:
        """The address is the secret: no token goes along."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        try:
            async with self._session.post(url, data=picture, timeout=timeout) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Transient("a picture could not be sent.", system=SYSTEM) from error
        if status != 200:
            raise Transient(f"it did not take a picture ({status}).", system=SYSTEM)
