"""What a webhook says is only where to look: the deployments that may move because of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from bot.core.catalog import Catalog
from bot.core.gate_events import GateCallIgnored
from bot.core.gatekeeping import spelled
from bot.core.hints import Hint
from bot.core.pipelines import Provider
from bot.core.ports import Units, Watch
from bot.core.records import Delivery
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.core.values import SLIPWAY, DeploymentId
from bot.engine import following, knocking, landing, publishing
from bot.engine.world import work_key

log = logging.getLogger(__name__)

Read = Callable[[str, object], tuple[Hint, ...]]


def ignored(hint: Hint) -> GateCallIgnored:
    """For the trail: somebody who can sign asked for an answer that nobody may give."""
    return GateCallIgnored(hint.repository, hint.run or "", hint.gate, hint.doubt)


class HintHandler:
    """An inbox handler for the webhooks of one provider; `read` is the integration's."""

    def __init__(
        self,
        units: Units,
        watch: Watch,
        read: Read,
        catalog: Callable[[], Catalog] = Catalog,
        provider: str = Provider.GITHUB,
    ) -> None:
        """Runs are followed in the repositories that the catalog names."""
        self._catalog = catalog
        self._units = units
        self._watch = watch
        self._read = read
        self._provider = provider

    async def __call__(self, delivery: Delivery) -> None:
        """Want another look, and mark the delivery handled, in one commit."""
        workspace = delivery.receipt.workspace
        hints = self._hints(delivery)
        found: dict[DeploymentId, bool] = {}  # those to look at, and whether that can wait for a moment
        for hint in hints:
            if not hint.doubt and not hint.release:
                moved = await self._may_move(workspace, hint)
                found |= {id: hint.in_passing and found.get(id, True) for id in moved}
        async with self._units.begin(workspace, Step.HANDLE_DELIVERY, handles=delivery) as uow:
            for id, can_wait in sorted(found.items()):
                await uow.work.want(work_key(id), uow.now + following.LULL if can_wait else None)
            for hint in hints:
                if hint.gate and hint.run:
                    await uow.work.want(
                        knocking.key(RunRef(self._provider, hint.repository, hint.run), hint.gate)
                    )
                if hint.release and (name := self._known(hint)):
                    at = uow.now + publishing.LAG
                    await uow.work.want(publishing.key(self._provider, name, hint.release), at)
                if hint.landing:
                    await uow.work.want(landing.key(self._provider, hint))
                if hint.run and (name := self._known(hint)):
                    ref = RunRef(self._provider, name, hint.run)
                    await uow.work.want(following.key(ref), uow.now + following.LULL)
                if hint.doubt:
                    await uow.record(ignored(hint), SLIPWAY)

    async def _may_move(self, workspace: str, hint: Hint) -> tuple[DeploymentId, ...]:
        """A check is nothing to what runs already, and each look asks the provider twice."""
        of_check = hint.run is None
        return await self._watch.open_deployments(
            workspace, hint.repository, hint.head_sha, run=hint.run, waiting_alone=of_check
        )

    def _known(self, hint: Hint) -> str | None:
        return None if hint.doubt else spelled(self._catalog(), self._provider, hint.repository)

    def _hints(self, delivery: Delivery) -> tuple[Hint, ...]:
        try:
            payload = json.loads(delivery.receipt.body)
        except ValueError:
            log.warning("delivery %s of %s is not JSON", delivery.id, delivery.receipt.source)
            return ()
        return self._read(delivery.receipt.kind, payload)
