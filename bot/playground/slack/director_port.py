"""What the page's side panel needs of the director: a list of acts, and performing one."""

from __future__ import annotations

from typing import Any, NotRequired, Protocol, TypedDict


class ActField(TypedDict):
    """One thing to fill in for an act; `options` makes it a choice."""

    name: str
    label: str
    options: NotRequired[list[str]]
    default: NotRequired[str]


class DirectorAct(TypedDict):
    """One button of the side panel."""

    name: str
    label: str
    hint: str
    fields: list[ActField]


class ActResult(TypedDict):
    """What came of an act; `text` is shown to the person."""

    ok: bool
    text: str


class Director(Protocol):
    """The one who moves the scenery: seeds the company and makes things go wrong when asked."""

    def acts(self) -> list[DirectorAct]: ...

    async def perform(self, name: str, args: dict[str, Any]) -> ActResult: ...
