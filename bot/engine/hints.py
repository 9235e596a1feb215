"""What a webhook says is only where to look: the deployments that may move because of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from bot.core.hints import Hint
from bot.core.ports import Units, Watch
from bot.core.records import Delivery
from bot.core.steps import Step
from bot.engine.world import work_key

log = logging.getLogger(__name__)

Read = Callable[[str, object], tuple[Hint, ...]]


class HintHandler:
    """An inbox handler for the webhooks of one provider; `read` is the integration's."""

    def __init__(self, units: Units, watch: Watch, read: Read) -> None:
        self._units = units
        self._watch = watch
        self._read = read

    async def __call__(self, delivery: Delivery) -> None:
        """Want another look, and mark the delivery handled, in one commit."""
        workspace = delivery.receipt.workspace
        found = set()
        for repository, head in {(hint.repository, hint.head_sha) for hint in self._hints(delivery)}:
            found |= set(await self._watch.open_deployments(workspace, repository, head))
        async with self._units.begin(workspace, Step.HANDLE_DELIVERY, handles=delivery) as uow:
            for id in sorted(found):
                await uow.work.want(work_key(id))

    def _hints(self, delivery: Delivery) -> tuple[Hint, ...]:
        try:
            payload = json.loads(delivery.receipt.body)
        except ValueError:
            log.warning("delivery %s of %s is not JSON", delivery.id, delivery.receipt.source)
            return ()
        return self._read(delivery.receipt.kind, payload)
