"""Reading what another side sends, and never more than we are willing to hold."""

from __future__ import annotations

from typing import Protocol


class Stream(Protocol):
    """What comes in pieces."""

    async def readany(self) -> bytes:
        """What is there by now; empty only at the end."""
        ...


class Body(Protocol):
    """A request to us or an answer to us, of aiohttp's."""

    @property
    def content_length(self) -> int | None: ...

    @property
    def content(self) -> Stream: ...


async def read_capped(body: Body, most: int) -> bytes | None:
    """The whole body; None as soon as it is known to be larger than `most`."""
    announced = body.content_length
    if announced is not None and announced > most:
        return None
    chunks: list[bytes] = []
    size = 0
    while chunk := await body.content.readany():
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def read_end(body: Body, keep: int, most: int) -> tuple[bytes, bool] | None:
    """Its last `keep` bytes, and whether anything stands before them; None when it is larger than `most`."""
    end = bytearray()
    size = 0
    while chunk := await body.content.readany():
        size += len(chunk)
        if size > most:
            return None
        end += chunk
        if len(end) > 2 * keep:
            del end[:-keep]
    return bytes(end[-keep:]), size > keep
