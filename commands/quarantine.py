"""/quarantine: keep a release from a place, lift that, or list what is kept out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Bug, Transient, UserError
from bot.core.intents import LiftQuarantine, PutQuarantine
from bot.core.lock_words import scope_of
from bot.core.locks import STORY, Scope
from bot.core.policy import Permission, authorise_scope, visible_names
from bot.core.quarantine import Quarantine
from bot.core.text import Mention, Moment, Text, bold, code, line
from bot.core.values import Sha
from bot.core.visible import clip
from commands._anew import asker_anew

SHORT = 7  # characters by which a commit is known


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
    reason: str = arg(ArgKind.REST, "why; whoever asks for the release reads it", word="because", default="")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Without a release it only lists. What runs already is not touched."""
    if args.ref is None and not args.lift and not args.reason:
        return Reply(await _list(ctx, args))
    scope, ref = _named(ctx, args)
    permission = Permission.LIFT_QUARANTINE if args.lift else Permission.QUARANTINE
    authorise_scope(permission, await asker_anew(ctx), ctx.catalog, scope)
    if not args.reason:
        typed = f"/quarantine {scope.typed} {ref}{' lift' if args.lift else ''} because ..."
        raise UserError(
            f"Why {'do you lift this' if args.lift else 'may this release not return'}?",
            "The reason is on the card of whoever asks for it, and stays on record.",
            f"Say it: `{typed}`",
        )
    return await (_lift if args.lift else _put)(ctx, scope, ref, args.reason)


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
    text += line("It does not start there until somebody lifts this, or lets one deployment pass.")
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
    """By the name it was given, or by its commit; of two that are called so, neither is guessed."""
    held = await _visible(ctx, scope.service)
    short = len(ref) >= SHORT
    found = [each for each in held if ref == each.ref or (short and each.sha.startswith(ref.lower()))]
    if not found:
        sha = await _commit(ctx, scope, ref)
        found = [each for each in held if each.sha == sha]
    here = [each for each in found if each.scope == scope]
    if len(here) != 1:
        raise _not_one(ref, scope, here or found)
    (one,) = here
    text = line("Lifted: ", bold(one.named), f", {scope}.") + line("What waited for that goes on now.")
    return Reply(text, (LiftQuarantine(one, reason),))


def _not_one(ref: str, scope: Scope, found: list[Quarantine]) -> UserError:
    """Those of a wider or narrower scope have to be named as they were made."""
    if not found:
        return UserError(
            f"{ref} is not quarantined: {scope}.", "", "`/quarantine` alone lists what is kept out."
        )
    others = ", ".join(f"`/quarantine {each.typed} lift because ...`" for each in found)
    return UserError(
        f"Which quarantine of {ref} do you lift?", "It is not one and just there.", f"Try {others}."
    )


async def _commit(ctx: Context, scope: Scope, ref: str) -> Sha:
    """A name may move on; what is kept out is the commit."""
    service = ctx.catalog.service(scope.service or "")
    host = ctx.code_hosts.get(service.repository.provider) if service else None
    if service is None or host is None:
        raise Bug("the grammar let a service through that nobody can look up")
    try:
        async with asyncio.timeout(ctx.deadline):
            return (await host.resolve(service.repository.full_name, ref)).sha
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
        who, why = Mention(each.by.id, each.by.name), f": “{clip(each.reason, STORY)}”"
        text += line(bold(each.named), f", {each.scope}, by ", who, " since ", Moment(each.since), why)
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
        "/quarantine api v1.4.2 lift because the data was at fault",
    ),
    run=run,
)
