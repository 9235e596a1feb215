"""A person's word on a release that nobody could verify, inside the unit of work that holds its row."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bot.core.effects import ShowCard
from bot.core.errors import UserError
from bot.core.intents import Settlement
from bot.core.lifecycle import Trigger
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.values import Actor
from bot.core.verifications import asks
from bot.core.verify_events import VerificationSettled
from bot.core.verifying import FAILED_NEXT, once_more, undecided_words
from bot.engine.changes import move

Word = Literal[Settlement.IT_WORKS, Settlement.IT_DOES_NOT_WORK, Settlement.MEASURE_AGAIN]


async def speak(uow: UnitOfWork, deployment: Deployment, word: Word, actor: Actor) -> Deployment:
    """It counts only while the question stands: what is being measured is not answered by anybody."""
    if not asks(deployment.state, deployment.verifications):
        raise UserError(
            f"#{deployment.number} does not ask whether it works.",
            f"It is {deployment.state}.",
            "Its card shows how it stands.",
        )
    said = VerificationSettled(deployment.id, deployment.number, word.value, deployment.digest or "")
    await uow.record(said, actor)
    unknown = undecided_words(deployment.verifications)
    match word:
        case Settlement.IT_WORKS:
            why = f"{actor.name} says that it works. {unknown}"
            return await move(uow, deployment, Trigger.VERIFY, why, actor=actor)
        case Settlement.IT_DOES_NOT_WORK:
            why = f"{actor.name} says that it does not work. {unknown}"
            return await move(uow, deployment, Trigger.FAIL_VERIFICATION, why, FAILED_NEXT, actor=actor)
        case Settlement.MEASURE_AGAIN:
            anew = tuple(map(once_more, deployment.verifications))
            saved = await uow.deployments.save(replace(deployment, verifications=anew, note="", next_step=""))
            await uow.show(ShowCard(saved.id))
            return saved
