"""/slipway: help, and every other command below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.core.command import Arg, ArgKind, Command, Context, Reply, arg, args_of, usage
from bot.core.policy import Permission
from bot.core.text import Text, bold, code, line, quoted


@dataclass(frozen=True, slots=True)
class Arguments:
    command: str | None = arg(ArgKind.COMMAND, "the command to explain", default=None)


async def run(ctx: Context, args: Arguments) -> Reply:
    """All commands, or one with its arguments and examples."""
    if args.command is not None:
        found = next((each for each in ctx.commands if args.command in (each.name, *each.alias)), None)
        if found is not None:
            return Reply(explain(found))
    return Reply(overview(ctx.commands))


def overview(commands: tuple[Command[Any], ...]) -> Text:
    """A line for each command."""
    text = line(bold("Slipway launches releases and hauls them back."))
    for each in commands:
        text += line(code(typed(each)), f" · {each.summary}")
    text += line(code("/slipway help deploy"), " explains one of them, with examples.")
    return text + line("Each also works as ", code("/slipway <command> ..."), ", where its name is taken.")


def explain(command: Command[Any]) -> Text:
    """One command in full."""
    text = line(code(f"{typed(command)} {usage(command)}".strip())) + line(f"{command.summary}.")
    for name, each in args_of(command.arguments).items():
        text += line("• ", bold(_label(name, each)), *quoted(f": {each.help}"))
    text += line("For example:")
    for example in command.examples:
        text += line(code(example))
    return text


def _label(name: str, each: Arg) -> str:
    return "key=value" if each.kind is ArgKind.PAIRS else each.word or name.replace("_", " ")


def typed(command: Command[Any]) -> str:
    """What a person types for it."""
    return f"/slipway {command.name}" if command.below else f"/{command.name}"


COMMAND = Command(
    name="help",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="Show what Slipway understands",
    examples=("/slipway help", "/slipway help deploy"),
    run=run,
    below=True,
)
