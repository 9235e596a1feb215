"""A command's form, made from its declared arguments; what is filled in becomes the same typed arguments."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any

from bot.core.command import Arg, ArgKind, Command, args_of
from bot.core.errors import UserError
from bot.slack.grammar import Vocabulary
from bot.slack.views.blocks import escape

Block = dict[str, Any]
OPTIONS_AT_MOST = 100
LABEL = 30  # characters of a name in the heading of a part of a list
LONGEST_INPUT = 3000
FILLED = frozenset({"initial_value", "initial_option"})


def form(
    command: Command[Any],
    vocabulary: Vocabulary,
    channel: str,
    given: Mapping[str, str] | None = None,
    about: str = "",
    fixed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The modal; `channel` and `fixed` come back with the answer, and what is fixed is no field.

    `given` is filled in; `about` says what it is for.
    """
    fields = [(name, each) for name, each in args_of(command.arguments).items() if name not in (fixed or {})]
    blocks = [_input(name, each, vocabulary, (given or {}).get(name, "")) for name, each in fields]
    if given:
        _begin_at_the_first_empty(blocks)
    return {
        "type": "modal",
        "callback_id": command.name,
        "private_metadata": f"{channel} {json.dumps(fixed)}" if fixed else channel,
        "title": _plain(command.name.capitalize()),
        "submit": _plain(command.name.capitalize()),
        "close": _plain("Close"),
        "blocks": [_intro(command, about), *blocks],
    }


def brought_along(metadata: str) -> tuple[str, dict[str, str]]:
    """The channel in which a form was asked for, and what was fixed in it."""
    channel, _, fixed = metadata.partition(" ")
    try:
        return channel, {name: str(value) for name, value in json.loads(fixed or "{}").items()}
    except (ValueError, AttributeError):
        return channel, {}


def notice(command: Command[Any], text: str) -> dict[str, Any]:
    """The same form with a sentence in place of its fields: while they are found, or why there are none."""
    return {
        "type": "modal",
        "callback_id": command.name,
        "title": _plain(command.name.capitalize()),
        "close": _plain("Close"),
        "blocks": [{"type": "section", "block_id": "notice", "text": _plain(text)}],
    }


def words_of(command: Command[Any], values: Mapping[str, str]) -> str:
    """The same wish as a person would type it, so that form and command share one reading."""
    positional: list[str] = []
    options: list[str] = []
    rest = ""
    for name, each in args_of(command.arguments).items():
        value = values.get(name, "").strip()
        if not value:
            continue
        match each.kind:
            case ArgKind.WORD if not each.required:  # by its name, for the one before it may be empty
                options.append(f'{name}="{value}"')
            case ArgKind.SERVICE | ArgKind.ENVIRONMENT | ArgKind.WORD | ArgKind.COMMAND:
                positional.append(f'"{value}"')
            case ArgKind.REF:
                options.append(f'{name}="{value}"')
            case ArgKind.PAIRS:
                options.append(" ".join(value.splitlines()))
            case ArgKind.FLAG:
                options.append(each.word)
            case ArgKind.AFTER:
                options.append(f"{each.word} {value}")
            case ArgKind.REST:
                rest = f"{each.word} {value}"
    return " ".join([*positional, *options, rest]).strip()


def missing(command: Command[Any], values: Mapping[str, str]) -> dict[str, str]:
    """An error for each field that must be filled in and is not."""
    return {
        name: "This is needed."
        for name, each in args_of(command.arguments).items()
        if each.required and not values.get(name, "").strip()
    }


def error_field(
    command: Command[Any], values: Mapping[str, str], error: UserError, fixed: Container[str] = ()
) -> dict[str, str]:
    """Where to show an error: at the field whose value it quotes, else at the first; none is `fixed`."""
    names = [name for name in args_of(command.arguments) if name not in fixed]
    text = " ".join(part for part in (error.what, error.why) if part)
    quoted = [name for name in names if values.get(name) and f"`{values[name]}`" in text]
    return {(quoted or names)[0]: text}


def _intro(command: Command[Any], about: str) -> Block:
    """What it is about, or the same in words, for the next time."""
    if about:
        return {"type": "section", "block_id": "intro", "text": _plain(about)}
    said = f"{command.summary}. The same as `{command.examples[0]}`"
    return {"type": "context", "block_id": "intro", "elements": [{"type": "mrkdwn", "text": escape(said)}]}


def _begin_at_the_first_empty(blocks: list[Block]) -> None:
    """Where the person goes on; Slack would begin at a field that is filled in."""
    empty = next((each["element"] for each in blocks if FILLED.isdisjoint(each["element"])), None)
    if empty is not None:
        empty["focus_on_load"] = True


def _input(name: str, each: Arg, vocabulary: Vocabulary, given: str = "") -> Block:
    return {
        "type": "input",
        "block_id": name,
        "optional": not each.required,
        "label": _plain(each.label or name.replace("_", " ").capitalize()),
        "hint": _plain(each.help[0].upper() + each.help[1:]),
        "element": _filled(_element(name, each, vocabulary), given),
    }


def _filled(element: Block, given: str) -> Block:
    """With what is given; a list has it only where it offers it."""
    if not given:
        return element
    if element["type"] != "static_select":
        return element | {"initial_value": given}
    groups = element.get("option_groups", [element])
    chosen = (option for group in groups for option in group["options"] if option["value"] == given)
    found = next(chosen, None)
    return element | {"initial_option": found} if found else element


def _element(name: str, each: Arg, vocabulary: Vocabulary) -> Block:
    match each.kind:
        case ArgKind.SERVICE:
            return _select(name, tuple(vocabulary.services))
        case ArgKind.ENVIRONMENT:
            return _select(name, vocabulary.environments(None))
        case ArgKind.COMMAND:
            return _select(name, vocabulary.commands)
        case ArgKind.FLAG:
            options = [{"text": _plain(each.help[:75]), "value": each.word}]
            return {"type": "checkboxes", "action_id": name, "options": options}
        case ArgKind.REF | ArgKind.WORD | ArgKind.AFTER:
            return {"type": "plain_text_input", "action_id": name, "max_length": 250}
        case ArgKind.PAIRS | ArgKind.REST:
            return {
                "type": "plain_text_input",
                "action_id": name,
                "multiline": True,
                "max_length": LONGEST_INPUT,
            }


def _select(name: str, choices: tuple[str, ...]) -> Block:
    if not choices:
        return {"type": "plain_text_input", "action_id": name, "max_length": 250}
    menu: Block = {"type": "static_select", "action_id": name}
    if len(choices) <= OPTIONS_AT_MOST:
        return menu | {"options": _options(choices)}
    starts = range(0, len(choices), OPTIONS_AT_MOST)
    return menu | {"option_groups": [_group(choices[at : at + OPTIONS_AT_MOST]) for at in starts]}


def _group(choices: tuple[str, ...]) -> Block:
    """A part of a long list, named by its ends."""
    label = f"{choices[0][:LABEL]} … {choices[-1][:LABEL]}"
    return {"label": _plain(label), "options": _options(choices)}


def _options(choices: tuple[str, ...]) -> list[Block]:
    return [{"text": _plain(choice), "value": choice} for choice in choices]


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
