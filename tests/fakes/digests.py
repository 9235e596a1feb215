"""The ports of digests in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.digest_ports import AskedDigest
from bot.core.happenings import Story
from bot.core.schedules import Window


@dataclass
class FakeDigests:
    """The port DigestBook."""

    found: list[AskedDigest] = field(default_factory=list)
    put_off: dict[str, datetime] = field(default_factory=dict)

    async def asked(self, workspace: str) -> tuple[AskedDigest, ...]:  # noqa: ARG002
        return tuple(self.found)

    async def snoozes(self, workspace: str) -> dict[str, datetime]:  # noqa: ARG002
        return self.put_off


@dataclass
class FakeHappenings:
    """The port Happenings: one story, told to whoever asks for its services."""

    told: Story = field(default_factory=Story)

    async def story(self, workspace: str, window: Window, services: Collection[str]) -> Story:  # noqa: ARG002
        found = self.told
        return Story(
            tuple(
                each for each in found.deployments if each.service in services and window.holds(each.ended_at)
            ),
            tuple(each for each in found.failures if each.service in services),
        )
