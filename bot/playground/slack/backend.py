"""All parts of the stand-in, put together; handlers get this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.playground.clock import Clock
from bot.playground.slack.delivery import Courier
from bot.playground.slack.director_port import Director
from bot.playground.slack.events import Events
from bot.playground.slack.hub import Hub
from bot.playground.slack.ids import Ids
from bot.playground.slack.manifest import Manifest, ManifestFile
from bot.playground.slack.posting import Posting
from bot.playground.slack.ratelimits import RateLimits
from bot.playground.slack.response_urls import ResponseUrls
from bot.playground.slack.tasks import Tasks
from bot.playground.slack.views import Triggers, Views
from bot.playground.slack.world import World


@dataclass
class Backend:
    """What the handlers need, in one place."""

    clock: Clock
    ids: Ids
    world: World
    hub: Hub
    posting: Posting
    views: Views
    triggers: Triggers
    response_urls: ResponseUrls
    rate_limits: RateLimits
    events: Events
    courier: Courier
    tasks: Tasks
    manifest_file: ManifestFile
    bot_token: str
    app_token: str
    director: Director | None
    latency: float = 0.0
    base: str = ""
    installed: bool = True
    refused_blocks: set[str] = field(default_factory=set)

    @property
    def manifest(self) -> Manifest:
        """As it is on disk now."""
        return self.manifest_file.current()
