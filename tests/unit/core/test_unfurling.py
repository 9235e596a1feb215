"""Which run a link means, and whom what stands behind it may be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.run_links import RunLink
from bot.core.run_news import services_at
from bot.core.runs import RunRef
from bot.core.unfurling import may_be_shown, read_link, run_here
from bot.core.values import Person
from tests.fakes.samples import ADA, FORMER, LINUS, SRE, STRANGER, catalog, service

WEB = "https://github.com"
RUN = RunRef("github", "acme/api", "77")
AT = "/acme/api/actions/runs/77"


@pytest.mark.parametrize(
    ("path", "attempt"),
    [
        (AT, None),
        (f"{AT}/", None),
        (f"{AT}?pr=3#summary", None),
        (f"{AT}/attempts/2", 2),
        (f"{AT}/job/5150", None),
        (f"{AT}/attempts/3/job/5150", 3),
    ],
)
def test_a_run_is_known_by_its_address(path: str, attempt: int | None) -> None:
    assert read_link(WEB + path, WEB) == RunLink("github.com", "acme/api", "77", attempt)
    ours = "https://git.acme.example/hub"
    assert read_link(ours + path, f"{ours}/") == RunLink("git.acme.example", "acme/api", "77", attempt)


@pytest.mark.parametrize(
    "url",
    [
        f"https://github.com.evil.example{AT}",
        f"https://evil.example{AT}",
        f"https://github.com:8443{AT}",
        f"https://somebody@github.com{AT}",
        f"ftp://github.com{AT}",
        "https://github.com/acme/api/actions/runs/77/evil",
        "https://github.com/acme/api/actions/runs/077",
        "https://github.com/acme/api/actions/runs/",
        "https://github.com/acme/actions/runs/77",
        "https://github.com/acme/api/pull/77",
        "https://[",
        f"{WEB}{AT}?{'x' * 2000}",
        "",
    ],
)
def test_nothing_else_is_one(url: str) -> None:
    assert read_link(url, WEB) is None


def test_the_repository_is_called_as_in_the_catalog() -> None:
    known = catalog()
    [name] = {each.repository.full_name for each in known.services if each.name == "api"}
    link = RunLink("github.com", name.upper(), "77")
    assert run_here(link, known) == replace(RUN, repository=name)
    assert run_here(replace(link, repository="acme/elsewhere"), known) is None
    assert services_at(known, replace(RUN, provider="gitlab", repository=name)) == ()


@pytest.mark.parametrize(("person", "sees"), [(LINUS, True), (ADA, True), (STRANGER, False), (FORMER, False)])
def test_people_from_outside_see_nothing(person: Person, sees: bool) -> None:
    known = catalog(service("api", external=True))
    ref = replace(RUN, repository=known.services[0].repository.full_name)
    assert may_be_shown(person, ref, "api", known) is sees
    assert may_be_shown(person, ref, "", known) is sees


def test_what_not_everybody_may_know_of_is_shown_to_nobody() -> None:
    """Ada may know of it, and others read what stands below her words."""
    hidden = catalog(service("api", visible_to=(SRE,)))
    ref = replace(RUN, repository=hidden.services[0].repository.full_name)
    assert not may_be_shown(ADA, ref, "api", hidden)
    assert not may_be_shown(ADA, ref, "gone", catalog(service("api")))
    worker = replace(service("worker", visible_to=(SRE,)), repository=hidden.services[0].repository)
    both = catalog(service("api"), worker)
    assert may_be_shown(ADA, ref, "api", both)
    assert not may_be_shown(ADA, ref, "", both), "nobody knows which of the two the run is about"
