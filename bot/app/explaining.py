"""`slipway explain`: what a person may do in a place, for operators, who have the catalog anyway."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import aiohttp

from bot.app.connecting import connect
from bot.app.linked import linked
from bot.app.places import place_in
from bot.app.schema import check_schema
from bot.app.teams import TeamMemory
from bot.config.catalog import load_catalog
from bot.config.settings import Settings
from bot.core.catalog import Catalog
from bot.core.errors import UserError
from bot.core.explaining import explain
from bot.core.paging import person_id
from bot.core.people import teams_of
from bot.core.values import Person
from bot.engine.clock import SystemClock
from bot.store.store import Store
from integrations.slack import Home, SlackDirectory, make_client


async def explain_person(environ: Mapping[str, str], person: str, service: str, environment: str) -> int:
    """Who they are is asked of Slack, as the bot does."""
    settings = Settings.load(environ, serving=False)
    catalog = load_catalog(settings.config)
    entry, place = place_in(catalog, service, environment)
    id = person_id(person)
    if id is None:
        raise UserError(
            f"`{person}` is no Slack member ID.", "", "It is in the person's profile, below “Copy member ID”."
        )
    found = await _person(settings, catalog, id)
    sys.stdout.write(explain(found, catalog, entry, place).text().plain() + "\n")
    return 0


async def _person(settings: Settings, catalog: Catalog, id: str) -> Person:
    if settings.slack_bot_token is None:
        raise UserError("Nobody can say who that is.", "SLACK_BOT_TOKEN is not set.", "It is as for `serve`.")
    async with aiohttp.ClientSession() as session:
        client = make_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        home = Home(client)
        directory = SlackDirectory(client, home, SystemClock().now)
        found = await directory.person((await home()).id, id, fresh=True)
        return await _with_teams(settings, catalog, (await home()).id, found)


async def _with_teams(settings: Settings, catalog: Catalog, workspace: str, person: Person) -> Person:
    """Which account is theirs stands in the database; it is opened only where a team is named."""
    if not teams_of(catalog.people):
        return person
    clock = SystemClock()
    github = connect(settings, clock)
    try:
        async with Store(settings.database_url.get_secret_value(), clock, owner="command line") as store:
            await check_schema(store)
            teams = TeamMemory(github.teams if github else None, lambda: catalog.people, clock.now)
            return await teams.with_teams(await linked(store.links, workspace, person), fresh=True)
    finally:
        if github is not None:
            await github.close()
