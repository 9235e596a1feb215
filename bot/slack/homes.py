"""The home tab: what waits for the person who looks at it, and what they asked for themselves."""

from __future__ import annotations

from bot.core.chat_ports import HomeTabs
from bot.core.command import Context
from bot.core.drills import unproven
from bot.core.errors import UserError
from bot.core.lifecycle import ENDS, State
from bot.core.my_services import my_services
from bot.core.my_settings_ports import HeldSettings, NobodyChose
from bot.core.pending import pending
from bot.core.policy import Permission, authorise, visible_names
from bot.core.records import Shown
from bot.core.values import Place
from bot.slack.limits import check
from bot.slack.understanding import Surroundings, context_of
from bot.slack.views.home import MOST, home, refused

UNDER_WAY = frozenset(State) - ENDS


class SlackHomes:
    """The port Homes: everything is read when the tab is shown, so the newest state wins."""

    def __init__(self, around: Surroundings, tabs: HomeTabs, settings: HeldSettings | None = None) -> None:
        self._around = around
        self._tabs = tabs
        self._settings = settings or NobodyChose()

    async def show(self, workspace: str, person: str) -> None:
        """For who may not even look, it says so and why."""
        found = await self._around.directory.person(workspace, person)
        ctx = context_of(self._around, workspace, found, Place(""))
        try:
            authorise(Permission.LOOK, found, ctx.catalog)
        except UserError as error:
            view = refused(error)
        else:
            services = await my_services(ctx)
            chosen = (await self._settings.settings(workspace, [person]))[person]
            own = await _own(ctx)
            view = home(ctx, await pending(ctx), own, await unproven(ctx), services, chosen)
        check(view)
        await self._tabs.publish(workspace, person, view)


async def _own(ctx: Context) -> tuple[Shown, ...]:
    """What they asked for and has not ended, as far as they may still know of it."""
    found = await ctx.queries.in_states(ctx.workspace, UNDER_WAY, MOST, ctx.person.id)
    known = visible_names(ctx.person, ctx.catalog)
    return tuple(each for each in found if each.deployment.wish.service in known)
