"""/run: start any other workflow that the catalog allows: a release, a nightly audit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.accepting import accept
from bot.core.asking import pipeline_of
from bot.core.catalog import Environment, Service
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Transient, UserError
from bot.core.nearest import suggestion
from bot.core.pipelines import FILES, AcceptedInput
from bot.core.policy import Permission, authorise, visible_services
from bot.core.records import Resolution, Wish
from bot.core.resolving import Standing, standing
from bot.core.values import Kind
from commands._rehearsal import rehearsed
from commands._requesting import asked, inputs_given, reason_given, resolution_now

Place = tuple[Service, Environment]


@dataclass(frozen=True, slots=True)
class Arguments:
    workflow: str = arg(ArgKind.WORD, "the workflow, by the name of its file")
    service: str | None = arg(
        ArgKind.SERVICE, "whose, where several have one of that name", filler=("of",), default=None
    )
    ref: str | None = arg(
        ArgKind.REF,
        "a branch, tag or commit; without one the default branch",
        filler=("on",),
        default=None,
    )
    inputs: tuple[tuple[str, str], ...] = inputs_given()
    dry_run: bool = arg(
        ArgKind.FLAG, "only say what would happen; nothing is asked for", word="dry-run", default=False
    )
    reason: str = reason_given()


async def run(ctx: Context, args: Arguments) -> Reply:
    """The same way as a deploy: what was typed is checked against the file, frozen, judged, and on a card."""
    service, place = _wanted(ctx, args)
    authorise(Permission.RUN, ctx.person, ctx.catalog, service, place)
    bare = Wish(Kind.RUN, service.name, place.name, args.ref, (), args.reason)
    stands = await standing(ctx.queries, ctx.workspace, service, place)
    resolution = await _commits(ctx, service, place, bare, stands)
    declared = await _declared(ctx, service, place, resolution)
    pipeline = pipeline_of(service, place)
    typed = replace(pipeline, accepts=free(declared, [name for name, _ in pipeline.inputs]))
    wish = replace(bare, inputs=accept(typed, args.inputs))
    if args.dry_run:
        return await rehearsed(ctx, service, place, wish, resolution)
    return await asked(ctx, service, place, wish, stands)


def free(declared: Sequence[AcceptedInput], fixed: Sequence[str]) -> tuple[AcceptedInput, ...]:
    """Those that the catalog does not fill in; to a workflow `Target` and `target` are one."""
    taken = frozenset(name.lower() for name in fixed)
    return tuple(each for each in declared if each.name.lower() not in taken)


def _wanted(ctx: Context, args: Arguments) -> Place:
    """The one of this name that this person may know of."""
    seen = [each for each in visible_services(ctx.person, ctx.catalog) if args.service in (None, each.name)]
    places = [(service, place) for service in seen for place in service.workflows]
    name = args.workflow.removeprefix(FILES)
    found = [each for each in places if each[1].name in (name, f"{name}.yml", f"{name}.yaml")]
    if len(found) == 1:
        return found[0]
    if found:
        owners = " and ".join(service.name for service, _ in found)
        example = f"`/run {name} of {found[0][0].name}`"
        raise UserError(f"Whose `{name}`?", f"{owners} have one of that name.", f"Say it: {example}")
    names = list(dict.fromkeys(place.name for _, place in places))
    of = f" of {args.service}" if args.service else ""
    known = ", ".join(f"`{each}`" for each in names)
    known = f"These can be{of}: {known}." if names else f"The catalog allows none{of}."
    hint = suggestion(name, names) or "An administrator can add it under `workflows:` in slipway.yml."
    raise UserError(f"There is no workflow `{args.workflow}` that can be started here.", known, hint)


async def _commits(
    ctx: Context, service: Service, place: Environment, wish: Wish, stands: Standing
) -> Resolution:
    """What may be typed stands in the file, so nothing is asked for before it was read."""
    found = await resolution_now(ctx, service, place, wish, stands)
    if found is None:
        raise _silent()
    return found


async def _declared(
    ctx: Context, service: Service, place: Environment, resolution: Resolution
) -> tuple[AcceptedInput, ...]:
    doors = ctx.doors.get(service.repository.provider)
    try:
        async with asyncio.timeout(ctx.deadline):
            found = (
                await doors.accepts(service.repository.full_name, place.name, resolution.workflow_sha)
                if doors
                else None
            )
    except TimeoutError:
        raise _silent() from None
    if found is None:
        raise UserError(
            f"`{place.name}` can't be started at {resolution.ref_name}.",
            "There is no such file in its `.github/workflows`, or it has no `workflow_dispatch`.",
            "Add that to the file, or name another reference.",
        )
    return found


def _silent() -> Transient:
    return Transient("It did not say in time what the workflow takes.", system="The code host")


COMMAND = Command(
    name="run",
    arguments=Arguments,
    permission=Permission.RUN,
    summary="Start another workflow, such as a release or an audit",
    examples=(
        "/run release.yml on main version=v1.5.0",
        "/run release.yml of api version=v1.5.0 because the board waits for it",
        "/run nightly-audit.yml dry-run",
    ),
    run=run,
)
