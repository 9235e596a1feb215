"""An emergency is told loudly, in the commit that keeps it: in its channel, to the auditors, in the trail."""

from __future__ import annotations

from bot.core.catalog import Catalog
from bot.core.effects import Announce, Announcement, Tell
from bot.core.emergencies import WHAT_IT_SKIPS
from bot.core.events import EmergencyDeclared
from bot.core.naming import what_of
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.text import Icon, Mention, Text, bold, code, line
from bot.core.values import Actor
from bot.core.visible import clip

LONGEST_REASON = 500


async def declare(uow: UnitOfWork, deployment: Deployment, actor: Actor, catalog: Catalog) -> None:
    """Nobody shall learn of it by chance."""
    wish = deployment.wish
    await uow.record(
        EmergencyDeclared(deployment.id, deployment.number, wish.service, wish.environment, wish.reason),
        actor,
    )
    await uow.show(Announce(deployment.id, Announcement.EMERGENCY))
    what = bold(f"Emergency: #{deployment.number} {what_of(wish)}")
    text = line(Icon("rotating_light"), " ", what, " by ", Mention(actor.id, actor.name))
    text += line(f"Because {clip(wish.reason, LONGEST_REASON)}") + line(WHAT_IT_SKIPS)
    await tell_auditors(uow, deployment, catalog, text, f"Emergency #{deployment.number}.")


async def tell_auditors(
    uow: UnitOfWork, deployment: Deployment, catalog: Catalog, text: Text, briefly: str
) -> None:
    """Of what may not be known to everybody, only that there is something; the number leads whoever may on.

    A service that is hidden is not named there at all; others are not where people from outside read.
    """
    channel, service = catalog.channels.audit, catalog.service(deployment.wish.service)
    if channel is None:
        return
    discreet = line(Icon("rotating_light"), " ", bold(briefly))
    discreet += line(code(f"/audit #{deployment.number}"), " tells whoever may read it.")
    if service is None or service.visible_to is not None:
        await uow.show(Tell(channel, discreet))
    elif service.external:
        await uow.show(Tell(channel, text))
    else:
        await uow.show(Tell(channel, text, discreet=discreet))
