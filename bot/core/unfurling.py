"""Links of runs in what people write: which run one means, and who may see what stands behind it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from bot.core.catalog import Catalog
from bot.core.gatekeeping import spelled
from bot.core.pipelines import Provider
from bot.core.policy import visible_services
from bot.core.run_links import RunLink, run_link
from bot.core.run_news import services_at
from bot.core.runs import RunRef
from bot.core.values import Person

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
LONGEST = 2000  # characters of an address
MOST = 5  # links of one message


def read_link(url: str, web: str) -> RunLink | None:
    """None for anything else than a run at our GitHub, whose pages begin with `web`."""
    ours = urlsplit(web)
    prefix = f"{ours.path.strip('/')}/".lstrip("/")
    link = run_link(url) if len(url) <= LONGEST else None
    if link is None or link.host != ours.netloc.lower() or not link.repository.startswith(prefix):
        return None
    name = link.repository.removeprefix(prefix)
    return replace(link, repository=name) if _REPOSITORY.fullmatch(name) else None


def run_here(link: RunLink, catalog: Catalog) -> RunRef | None:
    """The run, under the name that the catalog has for its repository; None where it has none."""
    name = spelled(catalog, Provider.GITHUB, link.repository)
    return RunRef(Provider.GITHUB, name, link.external_id) if name else None


def may_be_shown(person: Person, ref: RunRef, service: str, catalog: Catalog) -> bool:
    """Whether a card may stand below what this person wrote, where others read it as well.

    Nothing for people of other organisations and for who left. Of a deployment its service counts, of another
    run every service of its repository. What not everybody may know of is shown to nobody that way.
    """
    if person.stranger or not person.active:
        return False
    concerned = [each for each in services_at(catalog, ref) if not service or each.name == service]
    seen = {each.name for each in visible_services(person, catalog)}
    return bool(concerned) and all(each.name in seen and each.visible_to is None for each in concerned)
