"""The address of a run at its provider, as people paste it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RUN = re.compile(
    r"https?://(?P<host>[^/\s?#]+)/(?P<repository>[^\s?#]+?)/actions/runs/(?P<run>[1-9][0-9]{0,18})"
    r"(?:/attempts/(?P<attempt>[1-9][0-9]{0,5}))?(?:/job/[0-9]+)?/?(?:[?#]\S*)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RunLink:
    """Where it leads: nothing of it is trusted before the catalog has the repository."""

    host: str
    repository: str
    external_id: str
    attempt: int | None = None


def run_link(word: str) -> RunLink | None:
    """None for anything else."""
    found = _RUN.fullmatch(word)
    if found is None:
        return None
    attempt = int(found["attempt"]) if found["attempt"] else None
    return RunLink(found["host"].lower(), found["repository"], found["run"], attempt)


def leads_to(link: RunLink, url: str) -> bool:
    """Whether this address is at the same host; one that nobody knows speaks for neither."""
    host = re.match(r"https?://([^/\s?#]+)", url)
    return host is None or host[1].lower() == link.host
