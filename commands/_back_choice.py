"""Which release a rollback brings back: the one that is named, else the last that was well."""

from __future__ import annotations

import asyncio
import re

from bot.core.catalog import Environment, Service
from bot.core.command import Context
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.paging import number_of
from bot.core.targets import Arrival, Bar, Targets
from bot.core.values import Sha
from bot.core.visible import clip, visible

NAMED = 5  # choices in a refusal
LONGEST = 100  # characters of what somebody named
_COMMIT = re.compile(r"[0-9a-f]{7,40}")

NEXT: dict[Bar, str] = {
    Bar.RUNS: "To send it out once more, deploy it.",
    Bar.FAILED: "If it is well by now, deploy it.",
    Bar.LEFT: "If that was wrong, deploy it: it passes every gate of a new release.",
    Bar.PAST_US: "If it is the right one, deploy it, so that somebody looks at it.",
    Bar.UNVERIFIED: "If it is the right one, deploy it, so that somebody looks at it.",
    Bar.QUARANTINED: "`/quarantine` shows who put it there and why.",
    Bar.COVERED: "To go forward to it again, deploy it.",
}


async def chosen(
    ctx: Context,
    service: Service,
    environment: Environment,
    found: Targets,
    arrivals: tuple[Arrival, ...],
    version: str | None,
) -> Arrival:
    """UserError with what there is to choose from, or why there is nothing."""
    if version is None:
        if not found.choices:
            raise _nothing(service, environment, found)
        return found.choices[0]
    release = _on_record(arrivals, version) or await _by_the_code_host(ctx, service, version)
    for each in found.choices:
        if each.release == release:
            return each
    raise _no_choice(service, environment, found, version, release)


def _on_record(arrivals: tuple[Arrival, ...], version: str) -> Sha | None:
    """By the number of a deployment, the tag it went by, or the beginning of its commit."""
    number, commit = number_of(version), version.lower()
    if number is not None and version.startswith("#"):
        return next((each.release for each in arrivals if each.number == number), None)
    for each in reversed(arrivals):
        if each.tag == version or (_COMMIT.fullmatch(commit) and each.release.startswith(commit)):
            return each.release
    return next((each.release for each in arrivals if each.number == number), None)


async def _by_the_code_host(ctx: Context, service: Service, version: str) -> Sha | None:
    """A name that nobody deployed by may still mean a release that was there."""
    host = ctx.code_hosts.get(service.repository.provider)
    if host is None or version.startswith("#"):
        return None
    try:
        async with asyncio.timeout(ctx.deadline):
            return (await host.resolve(service.repository.full_name, version)).sha
    except (UserError, NeedsHuman, Transient, TimeoutError):
        return None


def _nothing(service: Service, environment: Environment, found: Targets) -> UserError:
    place = f"{service.name} in {environment.name}"
    if found.current is None:
        why = "Slipway has deployed nothing there yet."
    elif not found.barred[1:]:
        why = f"Nothing else was ever verified there than {found.current.named}."
    else:
        left = [f"{each.named} (#{each.number}): {bar}" for each, bar in found.barred[:NAMED]]
        why = f"None of what was there is a choice: {'; '.join(left)}."
    return UserError(
        f"There is nothing to go back to for {place}.",
        why,
        f"Deploy the release that should run there: `/deploy {service.name} {environment.name} <release>`.",
    )


def _no_choice(
    service: Service, environment: Environment, found: Targets, version: str, release: Sha | None
) -> UserError:
    said = clip(visible(version), LONGEST)
    what = f"{service.name} in {environment.name} can't go back to {said}."
    for each, bar in found.barred:
        if each.release == release:
            why = f"It was there with #{each.number}, but {bar}."
            return UserError(what, why, f"{NEXT[bar]} {_choices(found)}".strip())
    return UserError(what, "No deployment of it that Slipway knows of got there.", _choices(found))


def _choices(found: Targets) -> str:
    names = ", ".join(f"{each.named} (#{each.number})" for each in found.choices[:NAMED])
    return f"It can go back to {names}." if names else "There is nothing else to go back to."
