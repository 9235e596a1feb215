"""What people may add to a deployment: allow-listed names, typed values, frozen into the request."""

from __future__ import annotations

import re

from bot.core.errors import UserError
from bot.core.nearest import suggestion
from bot.core.pipelines import AcceptedInput, InputType, InputValue, Pipeline
from bot.core.visible import clip

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


def accept(pipeline: Pipeline, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The inputs as they will be sent, defaults filled in, or UserError."""
    given: dict[str, str] = {}
    for name, text in pairs:
        declared = pipeline.accepted(name)
        if declared is None:
            raise _unknown(pipeline, name)
        if name in given:
            raise UserError(f"`{name}` is given twice.", "", "Give it once.")
        given[name] = _typed(declared, text)
    for declared in pipeline.accepts:
        if declared.name not in given:
            _fill_in(declared, given)
    return tuple(sorted(given.items()))


def by_default(pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
    """As they are sent where nobody is asked for any: nobody who goes back should have to think of them."""
    return tuple(
        sorted((each.name, _sent(each.default)) for each in pipeline.accepts if each.default is not None)
    )


def _fill_in(declared: AcceptedInput, given: dict[str, str]) -> None:
    if declared.default is not None:
        given[declared.name] = _sent(declared.default)
    elif declared.required:
        raise UserError(f"`{declared.name}` is missing.", "", f"Add `{declared.name}=...`.")


def _unknown(pipeline: Pipeline, name: str) -> UserError:
    names = [each.name for each in pipeline.accepts]
    known = f"It takes {', '.join(f'`{each}`' for each in names)}." if names else "It takes no inputs."
    return UserError(f"There is no input `{name}`.", known, suggestion(name, names))


def _typed(declared: AcceptedInput, text: str) -> str:
    match declared.type:
        case InputType.BOOLEAN:
            if text.lower() in _TRUE | _FALSE:
                return _sent(text.lower() in _TRUE)
            raise _wrong(declared, text, "true or false")
        case InputType.INTEGER:
            if _WHOLE_NUMBER.fullmatch(text):
                return str(int(text))
            raise _wrong(declared, text, "a whole number")
        case InputType.NUMBER:
            if _NUMBER.fullmatch(text):
                return text
            raise _wrong(declared, text, "a number such as 3 or 0.25")
        case InputType.CHOICE:
            if text in declared.options:
                return text
            raise _wrong(declared, text, f"one of {', '.join(declared.options)}")
        case InputType.STRING:
            if len(text) <= declared.max_length:
                return text
            raise _wrong(declared, text, f"at most {declared.max_length} characters")


def _wrong(declared: AcceptedInput, text: str, wants: str) -> UserError:
    hint = suggestion(text, declared.options)
    return UserError(f"`{declared.name}` can't be `{clip(text, 60)}`.", f"It is {wants}.", hint)


def _sent(value: InputValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
