"""/quarantine: keep a release from a place, lift that, say what mends it, or list what is kept out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from bot.core.code import Direction
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Bug, Transient, UserError
from bot.core.intents import LiftQuarantine, MendQuarantine, PutQuarantine
from bot.core.lock_words import scope_of
from bot.core.locks import STORY, Scope
from bot.core.naming import named_as
from bot.core.policy import Permission, authorise_scope, visible_names
from bot.core.ports import CodeHost
from bot.core.quarantine import Quarantine
from bot.core.text import Moment, Text, bold, code, line
from bot.core.values import Sha
from bot.core.visible import clip
from commands._anew import asker_anew

SHORT = 7  # characters by which a commit is known
FIXED_BY = re.compile(r"(?:by\s+)?(\S+)", re.IGNORECASE)
T = TypeVar("T")


def reads_as_release(phrase: str) -> bool:
    """`by v1.4.3`, and `v1.4.3` alone."""
    return FIXED_BY.fullmatch(phrase) is not None and phrase.lower() != "by"


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str | None = arg(ArgKind.SERVICE, "whose release; without one all are listed", default=None)
    environment: str | None = arg(
        ArgKind.ENVIRONMENT,
        "only this environment; without one all of them",
        filler=("in", "on"),
        default=None,
    )
    ref: str | None = arg(ArgKind.REF, "the release: a tag, branch or commit as it is now", default=None)
    lift: bool = arg(ArgKind.FLAG, "end the quarantine of this release", word="lift", default=False)
    fix: str = arg(
        ArgKind.AFTER,
        "the release that contains the fix, such as `by v1.4.3`: it and what is made of it go",
        word="fixed",
        default="",
        reads=reads_as_release,
    )
    reason: str = arg(ArgKind.REST, "why; whoever asks for the release reads it", word="because", default="")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Without a release it only lists. What runs already is not touched."""
    if args.ref is None and not args.lift and not args.fix and not args.reason:
        return Reply(await _list(ctx, args))
    scope, ref = _named(ctx, args)
    permission = Permission.LIFT_QUARANTINE if args.lift or args.fix else Permission.QUARANTINE
    authorise_scope(permission, await asker_anew(ctx), ctx.catalog, scope)
    _must_be_clear(args, scope, ref)
    if args.fix:
        return await _fix(ctx, scope, ref, args.fix, args.reason)
    return await (_lift if args.lift else _put)(ctx, scope, ref, args.reason)


def _must_be_clear(args: Arguments, scope: Scope, ref: str) -> None:
    """One thing at a time, and not without a reason."""
    if args.lift and args.fix:
        raise UserError(
            "Do you lift it, or say what mends it?",
            "To lift it lets in the release itself; what mends it lets in what is made of that.",
            "Leave one of them out.",
        )
    if args.reason:
        return
    said = " lift" if args.lift else f" fixed {args.fix}" if args.fix else ""
    asked = {" lift": "do you lift this", "": "may this release not return"}
    raise UserError(
        f"Why {asked.get(said, 'does that mend it')}?",
        "The reason is on the card of whoever asks for it, and stays on record.",
        f"Say it: `/quarantine {scope.typed} {ref}{said} because ...`",
    )


def _named(ctx: Context, args: Arguments) -> tuple[Scope, str]:
    if args.service is None or args.ref is None:
        raise UserError(
            "Which release?",
            "Name the service and the release, and an environment if only that is meant.",
            f"For example: `{COMMAND.examples[0]}`",
        )
    return scope_of(ctx.catalog, "quarantine", False, args.service, args.environment), args.ref


async def _put(ctx: Context, scope: Scope, ref: str, reason: str) -> Reply:
    sha = await _commit(ctx, scope, ref)
    text = line("Quarantined: ", bold(ref), " at ", code(sha[:SHORT]), f", {scope}.")
    text += line("Neither it nor what is made of it starts there until that mends it, or somebody ends this.")
    text += await _running(ctx, scope, sha)
    text += line(code(f"/quarantine {scope.typed} {sha[:SHORT]} lift because ..."), " lifts it.")
    return Reply(text, (PutQuarantine(scope, sha, ref, reason),))


async def _running(ctx: Context, scope: Scope, sha: Sha) -> Text:
    """A quarantine takes nothing back; who puts one at night should know of it."""
    text = Text(())
    for service, environment in scope.places(ctx.catalog):
        live = await ctx.queries.live(ctx.workspace, service.name, environment.name)
        if live is not None and live.deployment.release_sha == sha:
            number = live.deployment.number
            text += line(f"It runs in {environment.name} now, by #{number}, and goes on: deploy another one.")
    return text


async def _lift(ctx: Context, scope: Scope, ref: str, reason: str) -> Reply:
    one = await _the_one(ctx, scope, ref, "lift")
    text = line("Lifted: ", bold(one.named), f", {scope}.") + line("What waited for that goes on now.")
    return Reply(text, (LiftQuarantine(one, reason),))


async def _fix(ctx: Context, scope: Scope, ref: str, fixed: str, reason: str) -> Reply:
    """Their word on a release that is made of the quarantined one: no other is held for it."""
    found = FIXED_BY.fullmatch(fixed.strip())
    name = found[1] if found else fixed
    one = await _the_one(ctx, scope, ref, f"fixed by {name}")
    sha = await _commit(ctx, scope, name)
    host, repository = _code_host(ctx, scope)
    lies = (await _in_time(ctx, host.compare(repository, one.sha, sha))).direction
    if lies is not Direction.AHEAD:
        raise UserError(
            f"{name} is not made of {one.named}.",
            "So that does not hold it, unless its history can't be read: then it takes another way.",
            f"`/quarantine {one.typed} lift because ...` ends it; `/override` lets one deployment pass.",
        )
    text = line(
        "Noted: ", bold(name), " at ", code(sha[:SHORT]), " contains the fix of ", bold(one.named), "."
    )
    text += line(f"It and all that is made of it are not held for that any more, {scope}.")
    return Reply(text, (MendQuarantine(one, sha, name, reason),))


async def _the_one(ctx: Context, scope: Scope, ref: str, then: str) -> Quarantine:
    """By the name it was given, or by its commit; of two that are called so, neither is guessed."""
    held = await _visible(ctx, scope.service)
    short = len(ref) >= SHORT
    found = [each for each in held if ref == each.ref or (short and each.sha.startswith(ref.lower()))]
    if not found:
        sha = await _commit(ctx, scope, ref)
        found = [each for each in held if each.sha == sha]
    here = [each for each in found if each.scope == scope]
    if len(here) != 1:
        raise _not_one(ref, scope, here or found, then)
    return here[0]


def _not_one(ref: str, scope: Scope, found: list[Quarantine], then: str) -> UserError:
    """Those of a wider or narrower scope have to be named as they were made."""
    if not found:
        return UserError(
            f"{ref} is not quarantined: {scope}.", "", "`/quarantine` alone lists what is kept out."
        )
    others = ", ".join(f"`/quarantine {each.typed} {then} because ...`" for each in found)
    return UserError(
        f"Which quarantine of {ref} do you mean?", "It is not one and just there.", f"Try {others}."
    )


async def _commit(ctx: Context, scope: Scope, ref: str) -> Sha:
    """A name may move on; what is kept out is the commit."""
    host, repository = _code_host(ctx, scope)
    return (await _in_time(ctx, host.resolve(repository, ref))).sha


def _code_host(ctx: Context, scope: Scope) -> tuple[CodeHost, str]:
    service = ctx.catalog.service(scope.service or "")
    host = ctx.code_hosts.get(service.repository.provider) if service else None
    if service is None or host is None:
        raise Bug("the grammar let a service through that nobody can look up")
    return host, service.repository.full_name


async def _in_time(ctx: Context, answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(ctx.deadline):
            return await answer
    except TimeoutError:
        raise Transient("It did not say which commit that is.", system="The code host") from None


async def _visible(ctx: Context, service: str | None) -> tuple[Quarantine, ...]:
    known = visible_names(ctx.person, ctx.catalog)
    held = await ctx.quarantines.held(ctx.workspace)
    return tuple(
        each for each in held if each.scope.service in known and service in (None, each.scope.service)
    )


async def _list(ctx: Context, args: Arguments) -> Text:
    held = await _visible(ctx, args.service)
    wanted = Scope(args.service, args.environment)
    held = tuple(each for each in held if each.scope.meets(wanted))
    if not held:
        return line("Nothing is quarantined.")
    text = line(bold("What is quarantined"))
    for each in held:
        who, why = named_as(each.by), f": “{clip(each.reason, STORY)}”"
        text += line(bold(each.named), f", {each.scope}, by ", who, " since ", Moment(each.since), why)
        for fix in each.fixes:
            told = f" contains the fix: “{clip(fix.reason, STORY)}”"
            text += line(bold(fix.named), told, ", by ", named_as(fix.by))
        text += line(code(f"/quarantine {each.typed} lift because ..."))
    return text


COMMAND = Command(
    name="quarantine",
    arguments=Arguments,
    permission=Permission.QUARANTINE,
    summary="Keep a release from returning, or list what is kept out",
    examples=(
        "/quarantine api v1.4.2 because it corrupts carts",
        "/quarantine api production v1.4.2 because it needs the new queue",
        "/quarantine api v1.4.2 fixed by v1.4.3 because carts are locked now",
        "/quarantine api v1.4.2 lift because the data was at fault",
    ),
    run=run,
)
