"""The ports that the engine works through, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.core.alerts import Alarms
from bot.core.catalog import Catalog, Environment, Service
from bot.core.chat_ports import Channels
from bot.core.courses import CourseBook
from bot.core.errors import UserError
from bot.core.following_ports import RunBook
from bot.core.frozen import FrozenBook
from bot.core.link_ports import Accounts, LinkBook
from bot.core.lock_ports import HeldLocks
from bot.core.metrics import Metrics
from bot.core.ports import Clock, Directory, Provider, Queries, Units, Watch
from bot.core.publishing_ports import ReleaseShelf
from bot.core.quarantine_ports import HeldQuarantines
from bot.core.queue_ports import WorkQueue
from bot.core.readings import Readings
from bot.core.records import Wish
from bot.core.redaction import Redactor
from bot.core.redelivery import Heard
from bot.core.release_ports import Releases
from bot.core.rolling_back import place_of
from bot.core.values import DeploymentId
from bot.core.verify_ports import Probe
from bot.engine.aside import Aside

_PREFIX = "deployment/"


@dataclass(frozen=True, slots=True)
class World:
    """Everything a pass may use. The catalog is asked for anew each time: it can be reloaded."""

    units: Units
    queue: WorkQueue
    queries: Queries
    releases: Releases
    locks: HeldLocks
    quarantines: HeldQuarantines
    courses: CourseBook
    frozen: FrozenBook
    shelf: ReleaseShelf
    watch: Watch
    clock: Clock
    catalog: Callable[[], Catalog]
    providers: Mapping[str, Provider]
    directory: Directory
    channels: Channels
    book: LinkBook
    probe: Probe
    metrics: Metrics
    alarms: Alarms
    runs: RunBook
    heard: Heard
    accounts: Mapping[str, Accounts] = field(default_factory=dict)  # by provider
    hook_address: str = ""  # where providers deliver to, as they know it
    readings: Readings | None = None  # of accounts, for when the code host does not answer
    redactor: Redactor = field(default_factory=Redactor)  # knows our own secrets
    aside: Aside = field(default_factory=Aside)

    def entry(self, wish: Wish) -> tuple[Service, Environment]:
        """Where it goes, with the rules that hold for it there; or UserError when that is gone."""
        catalog = self.catalog()
        found, place = catalog.service(wish.service), place_of(catalog, wish)
        if found is None or place is None:
            raise UserError(
                f"The catalog no longer knows {wish.service} in {wish.environment}.",
                "slipway.yml has changed since this was asked for.",
                "Ask again with a name that `/state` lists.",
            )
        return found, place

    def provider(self, name: str) -> Provider:
        """The outside system of this name, or UserError when it is not set up."""
        try:
            return self.providers[name]
        except KeyError:
            raise UserError(
                f"{name} is not set up.",
                "Its token is not among the settings, or this version can't speak to it yet.",
                "An operator can add it; `slipway doctor` says how.",
            ) from None


def work_key(deployment: DeploymentId) -> str:
    """The key under which a deployment is looked at."""
    return f"{_PREFIX}{deployment}"


def deployment_of(key: str) -> DeploymentId:
    """The deployment that a key stands for."""
    return DeploymentId(key.removeprefix(_PREFIX))
