"""What linking accounts takes, put together where it is configured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot.config.settings import Settings
from bot.core.catalog import Catalog
from bot.core.linking import Mint
from bot.core.ports import Directory
from bot.engine.linking import LinkDesk
from bot.store.store import Store
from bot.web.link import LinkPages
from integrations import load


@dataclass(frozen=True, slots=True)
class Linkage:
    """The desk, the secrets it gives out, and the pages in front of it."""

    desk: LinkDesk
    mint: Mint
    routes: list[web.RouteDef]


def linkage(
    settings: Settings,
    store: Store,
    session: aiohttp.ClientSession,
    directory: Directory,
    catalog: Callable[[], Catalog],
    home: Callable[[], str | None],
) -> Linkage | None:
    """None where no OAuth app is configured; nobody can link an account there."""
    if settings.github_client_id is None or settings.github_client_secret is None:
        return None
    secret = settings.github_client_secret.get_secret_value()
    sign_in = load("github").SignIn(
        session,
        web_url=settings.github_web_url,
        api_url=settings.github_api_url,
        client_id=settings.github_client_id,
        secret=secret,
    )
    mint = Mint(secret.encode(), settings.base_url)
    desk = LinkDesk(store.units, store.links, sign_in, mint, directory, catalog, home)
    return Linkage(desk, mint, LinkPages(desk, settings.base_url, settings.github_web_url).routes())
