"""The base of every shape: strict, closed, and complaining in plain words with the nearest right one."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bot.config.words import OURS, kind_of, wrong
from bot.core.nearest import did_you_mean

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


def _as_tuple(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(value)
    hint = f"write [{value}]" if isinstance(value, str) else ""
    raise wrong(f"this must be a list, not {kind_of(value)}", hint)


_T = TypeVar("_T")
Many = Annotated[tuple[_T, ...], BeforeValidator(_as_tuple)]


class Shape(BaseModel):
    """A map of the catalog. Unknown keys are mistakes; types are not bent to fit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _in_plain_words(cls, data: Any, handler: Callable[[Any], Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            lines = [_line(cls, each) for each in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, lines) from None


def keys_of(shape: type[BaseModel]) -> tuple[str, ...]:
    """The keys this map may have."""
    return tuple(item.alias or name for name, item in shape.model_fields.items())


def word_of(words: type[StrEnum]) -> BeforeValidator:
    """One of these words and no other."""

    def read(value: Any) -> StrEnum:
        if isinstance(value, str) and value in [each.value for each in words]:
            return words(value)
        said = f"`{value}`" if isinstance(value, str) else kind_of(value)
        listed = ", ".join(words)
        near = did_you_mean(value, [each.value for each in words]) if isinstance(value, str) else ""
        raise wrong(f"{said} is none of {listed}", near)

    return BeforeValidator(read)


def by_key(*keys: str) -> Discriminator:
    """Which shape of a union it is, told by the key that is there; the tag `<key>` is no path."""

    def tag(value: Any) -> str | None:
        found = [key for key in keys if isinstance(value, dict) and key in value]
        return f"<{found[0]}>" if found else None

    return _chosen(tag, f"this needs one of the keys {', '.join(f'`{key}`' for key in keys)}")


def by_kind(*kinds: str) -> Discriminator:
    """Which shape of a union it is, told by its `kind`."""

    def tag(value: Any) -> str | None:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        return f"<{kind}>" if kind in kinds else None

    return _chosen(tag, f"the kind must be one of {', '.join(kinds)}")


def _chosen(tag: Callable[[Any], str | None], message: str) -> Discriminator:
    return Discriminator(tag, custom_error_type=OURS, custom_error_message=message)


def _line(shape: type[BaseModel], error: ErrorDetails) -> InitErrorDetails:
    said, hint = _said(shape, error)
    context = {"said": said, "hint": hint, "key": _names_a_key(error)}
    return {"type": PydanticCustomError(OURS, "{said}", context), "loc": error["loc"], "input": None}


def _names_a_key(error: ErrorDetails) -> bool:
    """Whether the place to show is the key and not its value."""
    already = bool(error.get("ctx", {}).get("key"))
    return already or error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)


def _said(shape: type[BaseModel], error: ErrorDetails) -> tuple[str, str]:
    context = error.get("ctx", {})
    last = error["loc"][-1] if error["loc"] else ""
    match error["type"]:
        case "slipway":
            return str(context.get("said", error["msg"])), str(context.get("hint", ""))
        case "extra_forbidden":
            known = keys_of(shape)
            return f"unknown key `{last}`", did_you_mean(
                str(last), known
            ) or f"known here: {', '.join(known)}"
        case "missing":
            return f"`{last}` is missing", ""
        case kind if kind in _EXPECTED:
            value = error["input"]
            return f"this must be {_EXPECTED[kind]}, not {kind_of(value)}", _quoting(kind, value)
        case _:
            return error["msg"][:1].lower() + error["msg"][1:], ""


def _quoting(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, int | float):
        return f'put it in quotes: "{str(value).lower()}"'
    return ""
