"""A picture on its way to Slack, through the real client against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.core.errors import NeedsHuman, Transient
from bot.playground.control import Fault, FaultKind
from integrations.slack import SlackPictures, make_client
from tests.contract.playground_slack import ALL_SCOPES, BOT_TOKEN, Workspace, with_scopes, workspace

PICTURE = b"\x89PNG" + bytes(range(256)) * 9


@dataclass
class Studio:
    """The stand-in, and our adapter to it."""

    acme: Workspace
    pictures: SlackPictures

    async def upload(self) -> str:
        return await self.pictures.upload("T0ACME0001", "week.png", PICTURE, "Mon: 2")


@asynccontextmanager
async def open_studio(folder: Path, *scopes: str) -> AsyncIterator[Studio]:
    document = with_scopes(*scopes)
    async with workspace(folder, document=document) as acme, aiohttp.ClientSession() as session:
        await acme.act("rate_limits", on=False)
        client = make_client(BOT_TOKEN, acme.slack.url + "/api/", session)
        yield Studio(acme, SlackPictures(client, session))


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with open_studio(tmp_path, *ALL_SCOPES.split()) as opened:
        yield opened


async def test_its_bytes_arrive_and_no_channel_sees_it(studio: Studio) -> None:
    id = await studio.upload()
    kept = studio.acme.slack.world.files[id]
    assert (kept.content, kept.name, kept.mimetype) == (PICTURE, "week.png", "image/png")
    assert [each for each in studio.acme.slack.world.channels.values() if each.messages] == []


@pytest.mark.parametrize(
    "where", ["files.getUploadURLExternal", "files.upload", "files.completeUploadExternal"]
)
@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.ERROR_503, FaultKind.LOSE_ANSWER])
async def test_what_breaks_off_passes_by_itself(studio: Studio, where: str, kind: FaultKind) -> None:
    studio.acme.slack.control.faults.append(Fault(where, kind, 1))
    with pytest.raises(Transient):
        await studio.upload()
    await studio.upload()


async def test_without_the_right_to_files_a_person_has_to_look(tmp_path: Path) -> None:
    async with open_studio(tmp_path, "commands", "chat:write") as studio:
        with pytest.raises(NeedsHuman, match="files:write"):
            await studio.upload()
