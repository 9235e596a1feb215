"""What runs leave, in memory: the port Artifacts."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.errors import SlipwayError
from bot.core.runs import RunRef


@dataclass
class FakeArtifacts:
    """By the id of the run; what a test puts there is found, or raised."""

    left: dict[str, bytes | SlipwayError] = field(default_factory=dict)
    always: bytes | SlipwayError | None = None
    asked: int = 0

    async def slipway_json(self, run: RunRef) -> bytes | None:
        self.asked += 1
        found = self.left.get(run.external_id, self.always)
        if isinstance(found, SlipwayError):
            raise found
        return found
