"""Links of runs in what people write: which run one means, and who may see what stands behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.core.catalog import Catalog, Service
from bot.core.policy import visible_services
from bot.core.runs import RunRef
from bot.core.values import Person

_PATH = re.compile(
    r"/(?P<repository>[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})/actions/runs/(?P<run>[1-9][0-9]{0,18})"
    r"(?:/attempts/(?P<attempt>[1-9][0-9]{0,8}))?(?:/job/[0-9]{1,19})?/?"
)
GITHUB = "github"
LONGEST = 2000  # characters of an address
MOST = 5  # links of one message


@dataclass(frozen=True, slots=True)
class RunLink:
    """A run that somebody linked to; without an attempt the last one is meant."""

    ref: RunRef
    attempt: int | None = None


def read_link(url: str, web: str) -> RunLink | None:
    """None for anything else than a run at our GitHub, whose pages begin with `web`."""
    if len(url) > LONGEST:
        return None
    try:
        given, ours = urlsplit(url), urlsplit(web)
        same = (given.hostname, given.port) == (ours.hostname, ours.port)
    except ValueError:
        return None
    prefix = ours.path.rstrip("/")
    found = _PATH.fullmatch(given.path.removeprefix(prefix)) if given.path.startswith(prefix) else None
    if found is None or not same or given.scheme not in ("http", "https"):
        return None
    attempt = found["attempt"]
    return RunLink(RunRef(GITHUB, found["repository"], found["run"]), int(attempt) if attempt else None)


def named_as_here(ref: RunRef, catalog: Catalog) -> RunRef | None:
    """The same under the name that the catalog has for the repository; None where it has none."""
    for each in of_repository(ref, catalog):
        return RunRef(ref.provider, each.repository.full_name, ref.external_id)
    return None


def of_repository(ref: RunRef, catalog: Catalog) -> tuple[Service, ...]:
    """The services whose repository it is; people write names in any case."""
    name = ref.repository.lower()
    return tuple(
        each
        for each in catalog.services
        if each.repository.provider == ref.provider and each.repository.full_name.lower() == name
    )


def may_be_shown(person: Person, ref: RunRef, service: str, catalog: Catalog) -> bool:
    """Whether a card may stand below what this person wrote, where others read it as well.

    Nothing for people of other organisations and for who left. Of a deployment its service counts, of another
    run every service of its repository. What not everybody may know of is shown to nobody that way.
    """
    if person.stranger or not person.active:
        return False
    concerned = [each for each in of_repository(ref, catalog) if not service or each.name == service]
    seen = {each.name for each in visible_services(person, catalog)}
    return bool(concerned) and all(each.name in seen and each.visible_to is None for each in concerned)
