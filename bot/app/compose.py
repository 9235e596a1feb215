"""What `slipway serve` runs: every concrete class, put together here and nowhere else."""

from __future__ import annotations

import logging
import os
import platform
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import aiohttp

from bot.app.connecting import connect, hook_address, provider_of, secret
from bot.app.digesting import digesting
from bot.app.linked import LinkedDirectory
from bot.app.linking import Linkage, linkage
from bot.app.logs import secrets_of
from bot.app.measuring import Measuring
from bot.app.outside import Outside
from bot.app.remembered import RememberedAccounts
from bot.app.schema import check_schema
from bot.app.sights import sights_of
from bot.app.teams import TeamMemory
from bot.app.telling import hearing_store, messenger, relay, unfurling
from bot.config.catalog import load_catalog
from bot.config.mistakes import ConfigError
from bot.config.settings import Settings
from bot.core.catalog import Catalog
from bot.core.chat_ports import Chat
from bot.core.command import Rehearse
from bot.core.effects import Posted
from bot.core.errors import NeedsHuman, Transient
from bot.core.ingress import Letter, Tally
from bot.core.link_ports import Accounts, Teams
from bot.core.pipelines import Provider as ProviderName
from bot.core.ports import Clock, Provider
from bot.core.records import Source
from bot.core.redaction import Redactor
from bot.core.text import bold, line, lines
from bot.engine.alarming import AlertHandler
from bot.engine.clock import SystemClock, waker
from bot.engine.digesting import DigestRound
from bot.engine.drain import Drain
from bot.engine.hints import HintHandler
from bot.engine.inbox import Handler, InboxWorker
from bot.engine.leaving import Leavers
from bot.engine.reconciler import Reconciler
from bot.engine.rehearsing import rehearse
from bot.engine.rest import Wake
from bot.engine.scheduler import Metronome
from bot.engine.seeking import keep_seeking
from bot.engine.world import World
from bot.slack.bolt import BoltFeed
from bot.slack.guard import Guard
from bot.slack.homes import SlackHomes
from bot.slack.hushing import Hush
from bot.slack.ingress import Reception, SlackDoor
from bot.slack.inline import answer_form
from bot.slack.messenger import SlackMessenger
from bot.slack.renaming import RenamedChat, RenamedForms, RenamedHomes, Renaming
from bot.slack.socket import SlackSocket
from bot.slack.understanding import Surroundings
from bot.slack.views.announcement import answer
from bot.store.inbox import SqlInbox
from bot.store.intake import GroupIntake
from bot.store.lockfile import ServeLock
from bot.store.receipts import ReceiptWriter
from bot.store.schema import SchemaState
from bot.store.sealing import Seal
from bot.store.wakeups import Wake as Bell
from bot.web.keyed import Keyed
from bot.web.late import LateDoor
from bot.web.letters import LetterDoor
from bot.web.server import Served, Server, application
from bot.web.webhooks import WebhookDoor
from commands import COMMANDS
from integrations import load_measure
from integrations.github.webhooks import hints as github_hints
from integrations.github.webhooks import hook as github_hook
from integrations.http_probe import HttpProbe
from integrations.slack import (
    Home,
    SlackChannels,
    SlackChat,
    SlackClient,
    SlackDirectory,
    SlackPictures,
    SlackUnfurls,
    Workspace,
    make_client,
)

log = logging.getLogger(__name__)

ASK_AGAIN = 5.0  # seconds between two tries to learn which workspace we serve


class App:
    """Everything that `slipway serve` runs, started and stopped as one."""

    def __init__(self, settings: Settings, catalog: Catalog, clock: Clock, *, own_time: bool = False) -> None:
        self.settings = settings
        self.catalog = catalog
        self.clock = clock
        self.tally = Tally()
        url = settings.database_url.get_secret_value()
        owner = f"{platform.node()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.store = hearing_store(url, clock, owner, self._catalog, own_time=own_time)
        self._url = url
        seal = Seal([key.get_secret_value() for key in settings.encryption_keys])
        receipts = ReceiptWriter(url, seal, clock if own_time else None)
        self.intake = GroupIntake(receipts, wake=lambda: self.store.database.ring({Bell.INBOX}))
        self._inbox = SqlInbox(self.store.database, seal)
        self._github_door, self._alert_door = LateDoor(), LateDoor()
        self._drain = Drain(clock.sleep)
        self._opened = AsyncExitStack()
        self._chat: Chat | None = None
        self._accounts: dict[str, Accounts] = {}
        self._teams: Teams | None = None
        self.workspace: Workspace | None = None
        self.leavers: Leavers | None = None
        self.metronome: Metronome | None = None
        self.digests: DigestRound | None = None
        self.port = 0

    async def start(self) -> int:
        """Open everything in the order in which it is needed; answers with the port it listens on."""
        try:
            await self._open()
        except BaseException:
            await self._opened.aclose()
            raise
        return self.port

    async def stop(self) -> None:
        """Take nothing more, let what is under way end, give back every lease."""
        await self._opened.aclose()

    def reload(self) -> None:
        """Read the catalog again; a bad one leaves the last good one in force."""
        try:
            self.catalog = load_catalog(self.settings.config)
        except ConfigError as error:
            log.error("the catalog was not reloaded, the last good one stays in force:\n%s", error)
            self._drain.start("tell of a bad catalog", partial(self._tell_of_bad_catalog, str(error)))
        else:
            log.info("the catalog was reloaded")

    async def _tell_of_bad_catalog(self, mistakes: str) -> None:
        """In the audit channel of the catalog that stays in force; the log has it in any case."""
        channel = self.catalog.channels.audit
        if channel is None or self.workspace is None or self._chat is None:
            return
        text = line(bold("The catalog was not reloaded. The last good one stays in force."))
        message = answer(text + lines(*mistakes.splitlines()), [])
        try:
            await self._chat.post(self.workspace.id, channel, message, f"catalog-{uuid.uuid4().hex}")
        except (NeedsHuman, Transient) as error:
            log.warning("%s was not told of the bad catalog: %s", channel, error)

    async def _open(self) -> None:
        self._opened.push_async_callback(self.store.close)
        await check_schema(self.store)
        self._opened.enter_context(ServeLock(self._url))
        if self.store.database.sqlite:
            await self.store.take_over()
        self._opened.push_async_callback(self.intake.close)
        session = await self._opened.enter_async_context(_session())
        client = make_client(secret(self.settings.slack_bot_token), self.settings.slack_api_url, session)
        home = Home(client)
        outside = self._renamed(self._outside(client, home, session))
        self._chat = outside.chat
        links = linkage(self.settings, self.store, session, outside.directory, self._catalog, self._home)
        world = self._world(outside)
        around = self._surroundings(outside, links, partial(rehearse, world))
        reception = Reception(self.intake, partial(answer_form, around), self._home)
        server = Server(application(self._served(reception, links)), self.settings.host, self.settings.port)
        self.port = await server.start()
        self._opened.push_async_callback(self._drain.stop)
        self._opened.push_async_callback(server.stop)
        homes = SlackHomes(around, outside.tabs, self.store.my_settings)
        mint = links.mint if links else None
        pictures = SlackPictures(client, session)
        self.digests, poster = digesting(self.store, outside.chat, pictures, world, self._permalink)
        hush = Hush(self.store.my_settings, outside.directory, self.clock.now)
        catalog, web, linked = self._catalog, self.settings.github_web_url, self._permalink
        unfurler = unfurling(self.store, outside, catalog, linked, SlackUnfurls(client), web)
        to_slack = messenger(self.store, outside, homes, catalog, mint, linked, poster, hush, unfurler)
        self._start_loops(around, world, to_slack, hush)
        self._drain.start("find out which workspace we serve", partial(self._learn_workspace, home))
        if self.settings.socket_mode:
            token = secret(self.settings.slack_app_token)
            socket = SlackSocket(token, client, reception, self.tally, self.clock)
            self._drain.start("socket", socket.run)
        store = self.store
        kept = (self._inbox, store.outbox, store.links, store.turns, store.runs, store.digests)
        purges = [*(each.purge for each in kept), store.sightings.purge]
        self.leavers = Leavers(world, self.store.archive)
        self.metronome = metronome = Metronome(world, purges, self.leavers.look, self.digests.look)
        metronome.start()
        self._opened.callback(metronome.stop)

    def _outside(self, client: SlackClient, home: Home, session: aiohttp.ClientSession) -> Outside:
        chat = SlackChat(client, session)
        providers = self._connect()
        now = self.clock.now
        teams = TeamMemory(self._teams, lambda: self.catalog.people, now)
        directory = LinkedDirectory(SlackDirectory(client, home, now), self.store.links, teams)
        measuring = Measuring(session)
        return Outside(
            providers=providers,
            chat=chat,
            opener=chat,
            directory=directory,
            channels=SlackChannels(client, now),
            tabs=chat,
            probe=HttpProbe(),
            metrics=measuring,
            alarms=measuring,
            accounts=self._accounts,
        )

    def _renamed(self, outside: Outside) -> Outside:
        """What is said to people names the commands as they are called here."""
        renaming = Renaming(self.settings.command_prefix, COMMANDS)
        chat, opener = RenamedChat(outside.chat, renaming), RenamedForms(outside.opener, renaming)
        return replace(outside, chat=chat, opener=opener, tabs=RenamedHomes(outside.tabs, renaming))

    def _connect(self) -> Mapping[str, Provider]:
        """The outside systems that are configured; each is imported only then."""
        github = connect(self.settings, self.clock)
        if github is None:
            return {}
        self._opened.push_async_callback(github.close)
        readings, now = self.store.readings, self.clock.now
        self._accounts["github"] = RememberedAccounts(github.accounts, readings, self._home, now)
        self._teams = github.teams
        return {
            "github": provider_of(github),
        }

    def _world(self, outside: Outside) -> World:
        store = self.store
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
            clock=self.clock,
            catalog=self._catalog,
            providers=outside.providers,
            directory=outside.directory,
            channels=outside.channels,
            book=store.links,
            probe=outside.probe,
            metrics=outside.metrics,
            accounts=outside.accounts,
            alarms=outside.alarms,
            runs=store.runs,
            heard=store.heard,
            hook_address=hook_address(self.settings),
            readings=store.readings,
            redactor=Redactor(secrets_of(self.settings)),
        )

    def _catalog(self) -> Catalog:
        return self.catalog

    def _surroundings(self, outside: Outside, links: Linkage | None, judge: Rehearse) -> Surroundings:
        return Surroundings(
            units=self.store.units,
            queries=self.store.queries,
            releases=self.store.releases,
            locks=self.store.locks,
            quarantines=self.store.quarantines,
            subscriptions=self.store.subscriptions,
            archive=self.store.archive,
            digests=self.store.digests,
            happenings=self.store.happenings,
            sights=sights_of(self.store, outside.providers, self.clock),
            permalink=self._permalink,
            directory=outside.directory,
            channels=outside.channels,
            opener=outside.opener,
            clock=self.clock,
            catalog=self._catalog,
            code_hosts={name: each.code for name, each in outside.providers.items()},
            accounts=outside.accounts,
            doors={name: each.doors for name, each in outside.providers.items()},
            courses=self.store.courses,
            commands=COMMANDS,
            home=self._home,
            prefix=self.settings.command_prefix,
            linking=links.desk if links else None,
            rehearse=judge,
        )

    def _served(self, reception: Reception, links: Linkage | None) -> Served:
        signing = secret(self.settings.slack_signing_secret)
        slack = None
        if signing and not self.settings.socket_mode:
            guard = Guard([signing], lambda: self.clock.now().timestamp())
            slack = SlackDoor(guard, reception, self.tally)
        hooks = {Source.GITHUB: self._github_door} if self.settings.github_webhook_secret else {}
        checks = {"database": self._database, "slack": self._slack}
        return Served(self.tally, slack, hooks, self._keyed(), checks, links.routes if links else ())

    def _keyed(self) -> Mapping[Source, Keyed]:
        """The doors whose address is the secret."""
        key = secret(self.settings.alertmanager_webhook_secret)
        return {Source.ALERTMANAGER: Keyed(self._alert_door, (key,))} if key else {}

    def _start_loops(self, around: Surroundings, world: World, to_slack: SlackMessenger, hush: Hush) -> None:
        store, clock = self.store, self.clock
        read_hints = partial(github_hints, api_url=self.settings.github_api_url)
        hints = HintHandler(store.units, store.queries, read_hints, self._catalog)
        handlers: dict[Source, Handler] = {Source.SLACK: BoltFeed(around), Source.GITHUB: hints}
        if self.settings.alertmanager_webhook_secret:
            read = load_measure("prometheus").labels
            handlers[Source.ALERTMANAGER] = AlertHandler(store.units, self._catalog, read, self.tally)
        worker = InboxWorker(self._inbox, handlers, self._wake(Bell.INBOX), lambda: self.intake.busy)
        outbox = relay(store, to_slack, clock, self._wake(Bell.OUTBOX), self._catalog, hush)
        reconciler = Reconciler(world, self._wake(Bell.WORK))
        self._drain.start("inbox", worker.run, worker.settle)
        self._drain.start("outbox", outbox.run, outbox.settle)
        self._drain.start("reconciler", reconciler.run, reconciler.settle)
        self._drain.start("seeking", partial(keep_seeking, world))

    def _wake(self, bell: Bell) -> Wake:
        return waker(self.store.wakeup(bell).wait, self.clock)

    async def _learn_workspace(self, ask: Callable[[], Awaitable[Workspace]]) -> None:
        """Until Slack answers, webhooks of providers have nowhere to go and are asked to come again."""
        while self.workspace is None:
            try:
                found = await ask()
                await self.store.register_workspace(found.id, found.name, found.bot_user)
            except (Transient, NeedsHuman) as error:
                log.warning("Slack did not say which workspace this is: %s", error)
                await self.clock.sleep(ASK_AGAIN)
            else:
                self.workspace = found
        signing = secret(self.settings.github_webhook_secret)
        if signing:
            door = WebhookDoor(github_hook([signing]), self.workspace.id, self.intake, self.tally)
            self._github_door.hang(door)
        if self.settings.alertmanager_webhook_secret:
            read: Callable[[bytes], Letter] = load_measure("prometheus").letter
            source = Source.ALERTMANAGER
            self._alert_door.hang(LetterDoor(source, read, self.workspace.id, self.intake, self.tally))

    def _home(self) -> str | None:
        return self.workspace.id if self.workspace else None

    def _permalink(self, posted: Posted) -> str:
        return self.workspace.link(posted) if self.workspace else ""

    async def _database(self) -> str | None:
        state = await self.store.schema_state()
        return None if state is SchemaState.CURRENT else "Its schema is not the one this version needs."

    async def _slack(self) -> str | None:
        return None if self.workspace else "Slack has not yet said which workspace this is."


def build(settings: Settings, clock: Clock | None = None) -> App:
    """The whole of it, not yet started. A clock of the caller's own rules leases and due times as well."""
    catalog = load_catalog(settings.config)
    used = frozenset(service.repository.provider for service in catalog.services)
    missing = settings.missing_for(frozenset(ProviderName(each) for each in used))
    if missing:
        raise ConfigError(missing, subject="the environment")
    return App(settings, catalog, clock or SystemClock(), own_time=clock is not None)


def _session() -> aiohttp.ClientSession:
    """Keeps no cookies: what GitHub hands out while one person signs in must not go along with the next."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
