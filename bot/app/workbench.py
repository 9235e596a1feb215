"""What a command line that asks for something works with: as `serve`, without the loops that carry it out."""

from __future__ import annotations

import os
import platform
import pwd
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from bot.app.connecting import connect, provider_of
from bot.app.linked import LinkedDirectory
from bot.app.measuring import Measuring
from bot.app.schema import check_schema
from bot.app.sights import sights_of
from bot.app.teams import TeamMemory
from bot.config.settings import Settings
from bot.core.catalog import Catalog
from bot.core.chat_ports import Channels
from bot.core.command import Context
from bot.core.effects import Posted
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.ports import Clock
from bot.core.values import Actor, ActorKind, Person, Place
from bot.engine.clock import SystemClock
from bot.engine.hearing import hear
from bot.engine.rehearsing import rehearse
from bot.engine.world import World
from bot.store.store import Store
from commands import COMMANDS
from integrations.http_probe import HttpProbe
from integrations.slack import Home, SlackChannels, SlackDirectory, make_client

if TYPE_CHECKING:
    from integrations.github.factory import GitHub


@dataclass(frozen=True, slots=True)
class Workbench:
    """The store, and all that can be read outside of it."""

    store: Store
    world: World
    workspace: str

    def context(self, place: Place) -> Context:
        """As for a person of the chat, but one whom no rule takes for anybody."""
        now, actor, world = self.world.clock.now(), operator(), self.world
        return Context(
            workspace=self.workspace,
            actor=actor,
            person=Person(actor.id, actor.name, now, active=False),
            place=place,
            now=now,
            catalog=world.catalog(),
            queries=world.queries,
            releases=world.releases,
            locks=world.locks,
            quarantines=world.quarantines,
            subscriptions=self.store.subscriptions,
            archive=self.store.archive,
            digests=self.store.digests,
            happenings=self.store.happenings,
            sights=sights_of(self.store, world.providers, world.clock),
            directory=world.directory,
            permalink=_nowhere,
            code_hosts={name: each.code for name, each in world.providers.items()},
            accounts=world.accounts,
            doors={name: each.doors for name, each in world.providers.items()},
            channels=world.channels,
            commands=COMMANDS,
            rehearse=partial(rehearse, world),
        )


@dataclass(frozen=True)
class SilentChannels:
    """Who reads a channel, where the chat says so; each request that came from there was held against it."""

    channels: Channels

    async def outside(self, workspace: str, channel: str) -> bool:
        """False while the chat does not answer: a rollback does not wait for it."""
        try:
            return await self.channels.outside(workspace, channel)
        except (Transient, NeedsHuman):
            return False

    async def inside(self, workspace: str, channel: str) -> bool:
        """Nothing is shown below links from here."""
        return await self.channels.inside(workspace, channel)

    async def name_of(self, workspace: str, channel: str) -> str:
        """Only the chat's own commands ask for it."""
        return await self.channels.name_of(workspace, channel)

    async def id_of(self, workspace: str, channel: str) -> str:
        """Nothing is posted from here."""
        return await self.channels.id_of(workspace, channel)

    async def closed(self, workspace: str, channel: str) -> bool:
        """Nothing is heard from the chat here."""
        return await self.channels.closed(workspace, channel)


def operator() -> Actor:
    """The account that runs this, by the system's own word, and the host's name."""
    try:
        account = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run under numbers without a name
        account = str(os.getuid())
    name = f"{account}@{platform.node() or 'this host'}"
    return Actor(ActorKind.OPERATOR, name, name)


@asynccontextmanager
async def workbench(
    settings: Settings, catalog: Catalog, clock: Clock | None = None
) -> AsyncIterator[Workbench]:
    """A clock of the caller's own rules due times as well."""
    now = clock or SystemClock()
    async with AsyncExitStack() as opened:
        url = settings.database_url.get_secret_value()
        heard = partial(hear, lambda: catalog)
        store = Store(url, now, owner="command line", database_time=clock is None, hear=heard)
        await opened.enter_async_context(store)
        await check_schema(store)
        workspace = _only(await store.queries.workspaces())
        github = connect(settings, now)
        if github is not None:
            opened.push_async_callback(github.close)
        session = await opened.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        world = _world(settings, catalog, store, github, session, now)
        yield Workbench(store, world, workspace)


def _world(
    settings: Settings,
    catalog: Catalog,
    store: Store,
    github: GitHub | None,
    session: aiohttp.ClientSession,
    clock: Clock,
) -> World:
    """Without a token nobody can be asked, as while the chat is away."""
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    client = make_client(token, settings.slack_api_url, session)
    teams = TeamMemory(github.teams if github else None, lambda: catalog.people, clock.now)
    directory = SlackDirectory(client, Home(client), clock.now)
    measuring = Measuring(session)
    return World(
        units=store.units,
        queue=store.work,
        queries=store.queries,
        releases=store.releases,
        locks=store.locks,
        quarantines=store.quarantines,
        courses=store.courses,
        frozen=store.frozen,
        shelf=store.shelf,
        watch=store.queries,
        clock=clock,
        catalog=lambda: catalog,
        providers={"github": provider_of(github)} if github else {},
        directory=LinkedDirectory(directory, store.links, teams),
        channels=SilentChannels(SlackChannels(client, clock.now)),
        book=store.links,
        probe=HttpProbe(),
        metrics=measuring,
        alarms=measuring,
        runs=store.runs,
        heard=store.heard,
        accounts={"github": github.accounts} if github else {},
    )


def _only(workspaces: tuple[str, ...]) -> str:
    """Of the database; there is one, unless its token was changed for that of another workspace."""
    if len(workspaces) == 1:
        return workspaces[0]
    if not workspaces:
        raise UserError(
            "There is nothing on record in this database.",
            "`slipway serve` has never run with it.",
            "Check DATABASE_URL: it is as for `serve`.",
        )
    raise UserError(
        "Nobody can say which workspace is meant.",
        f"This database has kept records for {', '.join(workspaces)}.",
        "Use a database of its own for each workspace.",
    )


def _nowhere(_: Posted) -> str:
    return ""
