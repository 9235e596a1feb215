"""/state: what runs where, and what is under way. (Slack keeps /status for itself.)"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.catalog import Environment, Service
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.errors import UserError
from bot.core.nearest import suggestion
from bot.core.paging import number_of
from bot.core.policy import Permission, visible_names, visible_services
from bot.core.run_links import run_link
from bot.core.text import Moment, Text, bold, line
from bot.core.visible import clip
from commands import _state_branch, _state_deployment, _state_place, _state_run

Place = tuple[Service, Environment]
NAME = 255  # characters; a branch has no more


@dataclass(frozen=True, slots=True)
class Arguments:
    what: str | None = arg(
        ArgKind.WORD, "a service, an environment, #number, or the number or link of a run", default=None
    )
    environment: str | None = arg(
        ArgKind.ENVIRONMENT, "only this environment", filler=("in", "on"), default=None
    )
    branch: str | None = arg(
        ArgKind.WORD,
        "how a branch of the service stands; `branch=` where it is called as an environment is",
        default=None,
    )
    run: str | None = arg(
        ArgKind.AFTER,
        "a run, by its number or link",
        word="run",
        default=None,
        reads=lambda words: " " not in words,
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """One deployment, one run or one branch, or the matrix of services and environments."""
    if args.run is not None:
        return Reply(await _run(ctx, args))
    if args.what and number_of(args.what) is not None:
        return Reply(await _numbered(ctx, args.what))
    if args.what and (link := run_link(args.what)) is not None:
        return Reply(await _state_run.linked(ctx, link))
    services = visible_services(ctx.person, ctx.catalog)
    if args.branch is not None or _is_elsewhere(services, args):
        return Reply(await _branch(ctx, services, args))
    rows = _wanted(services, args)
    text = line(bold("What runs where"), " · as recorded by Slipway ", Moment(ctx.now))
    if not rows:
        text += line("There is no service that you can see.")
    in_full = _called(services, args.what) is not None
    return Reply(text + await _state_place.places(ctx, rows, in_full=in_full))


async def _numbered(ctx: Context, word: str) -> Text:
    """Without the sign it may be meant for a run; a deployment of that number comes first."""
    number = number_of(word)
    found = await ctx.queries.deployment(ctx.workspace, number) if number else None
    if found is not None and found.wish.service in visible_names(ctx.person, ctx.catalog):
        return await _state_deployment.told(ctx, found)
    if not word.startswith("#") and (known := await _state_run.by_number(ctx, word)) is not None:
        return known
    try:
        return await _state_deployment.told(ctx, await visible_one(ctx, word))
    except UserError as error:
        if word.startswith("#"):
            raise
        why = "Nor is a run of that number on record."
        raise UserError(
            error.what, why, "`/state` shows what there is; the link of a run finds it."
        ) from None


async def _run(ctx: Context, args: Arguments) -> Text:
    word = args.run or ""
    if args.what or args.environment or args.branch:
        raise UserError("A run is named by itself.", "", f"Say `/state run {clip(word, 40)}`.")
    if (link := run_link(word)) is not None:
        return await _state_run.linked(ctx, link)
    if not word.isdecimal() or not word.isascii():
        raise UserError(
            f"`{clip(word, 60)}` is no run.", "It has a number or a link.", "Paste the link of its page."
        )
    known = await _state_run.by_number(ctx, word)
    if known is None:
        raise _state_run.not_there(word)
    return known


def _is_elsewhere(services: tuple[Service, ...], args: Arguments) -> bool:
    """Whether the word is an environment of other services alone, so that a branch may be meant."""
    service = _called(services, args.what)
    return service is not None and args.environment not in (None, *(e.name for e in service.environments))


async def _branch(ctx: Context, services: tuple[Service, ...], args: Arguments) -> Text:
    service, word = _called(services, args.what), clip(args.branch or args.environment or "", NAME)
    if service is None:
        if args.what:
            _wanted(services, Arguments(args.what))  # says what is wrong with a name that is none
        raise UserError(
            f"Whose branch is `{word}`?",
            "Each service has branches of its own.",
            "For example: `/state api main`",
        )
    if args.branch is not None and args.environment is not None:
        raise UserError(
            f"`{args.environment}` is an environment and `{word}` a branch.",
            "Each is told by itself.",
            f"Say `/state {service.name} {args.environment}` or `/state {service.name} branch={word}`.",
        )
    return await _state_branch.told(ctx, service, word, surely=args.branch is not None)


def _called(services: tuple[Service, ...], word: str | None) -> Service | None:
    return next((each for each in services if word and each.name == word.lower()), None)


def _wanted(services: tuple[Service, ...], args: Arguments) -> list[Place]:
    rows = [(service, environment) for service in services for environment in service.environments]
    what, where = (args.what or "").lower(), args.environment
    if what in {service.name for service in services}:
        rows = [(service, environment) for service, environment in rows if service.name == what]
    elif what in {environment.name for _, environment in rows}:
        rows = [(service, environment) for service, environment in rows if environment.name == what]
    elif what:
        names = {service.name for service in services} | {environment.name for _, environment in rows}
        hint = suggestion(what, names) or f"There are {', '.join(sorted(names))}."
        raise UserError(
            f"There is no service or environment called `{args.what}`.",
            hint,
            "Try `/state`. A branch comes after its service: `/state api main`.",
        )
    if where is None:
        return rows
    found = [(service, environment) for service, environment in rows if environment.name == where]
    if not found:
        raise UserError(f"There is no `{where}` of `{args.what}`.", "", "Try `/state` without it.")
    return found


COMMAND = Command(
    name="state",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="Show what runs where, or how a branch, a run or a deployment stands",
    examples=(
        "/state",
        "/state api",
        "/state api production",
        "/state api main",
        "/state api branch=feature/refunds",
        "/state #42",
        "/state run 1234567890",
    ),
    run=run,
    alias=("status",),
)
