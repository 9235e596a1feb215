"""What a workflow file says about how it starts; read to tell people, never for a decision. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent

from bot.core.gate_runs import Starts
from bot.core.globs import Wild, fits
from bot.core.pipelines import AcceptedInput, InputType

_TOLD = frozenset({"push", "workflow_dispatch", "workflow_call"})
LONGEST_VALUE = 1_000  # characters of one input; all of them together may have 65,535
_KINDS = {
    "boolean": InputType.BOOLEAN,
    "choice": InputType.CHOICE,
    "number": InputType.NUMBER,
}
_PARTS = re.compile(r"\*\*|\*|\?|[^*?]+")
_WILD: dict[str, Wild] = {each.value: each for each in (Wild.ONE, Wild.SOME, Wild.ANY)}
LARGEST = 1_000_000  # characters and nodes of a file, with what stands behind each of its aliases
DEEPEST = 50  # nodes in each other
STEEPEST = 500  # brackets that are open; a script may leave some of them so


@dataclass(frozen=True, slots=True)
class WorkflowFile:
    """The events a workflow listens to, each with its filters; and the inputs of a dispatch."""

    events: Mapping[str, Mapping[str, Any]]

    @property
    def dispatchable(self) -> bool:
        return "workflow_dispatch" in self.events

    @property
    def inputs(self) -> frozenset[str]:
        """The inputs a dispatch may carry."""
        return frozenset(self._declared())

    @property
    def required(self) -> frozenset[str]:
        """Those it must carry, having no default."""
        declared = self._declared().items()
        return frozenset(n for n, how in declared if _map(how).get("required") and "default" not in _map(how))

    @property
    def accepts(self) -> tuple[AcceptedInput, ...]:
        """The same with their types, as GitHub checks them."""
        return tuple(_accepted(name, _map(how)) for name, how in self._declared().items())

    def _declared(self) -> Mapping[str, Any]:
        return _map(self.events.get("workflow_dispatch", {}).get("inputs"))

    @property
    def starts(self) -> Starts:
        """In words of ours; a run for a pull request is not one of the commit that it shows."""
        others = [name for name in self.events if name not in _TOLD and not name.startswith("pull_request")]
        pushed = self.events.get("push")
        branches = _patterns(pushed, "branches", "tags") if pushed is not None else ()
        tags = _patterns(pushed, "tags", "branches") if pushed is not None else ()
        return Starts(branches, tags, self.dispatchable, tuple(others))

    def runs_for_tag(self, tag: str) -> bool:
        """Whether making this tag starts it."""
        return "create" in self.events or self.starts_by_push_of(tag)

    def starts_by_push_of(self, tag: str) -> bool:
        """With filters on branches alone, no tag does."""
        if "push" not in self.events:
            return False
        filters = self.events["push"]
        if "tags" in filters:
            return matches(_list(filters["tags"]), tag)
        if "tags-ignore" in filters:
            return not matches(_list(filters["tags-ignore"]), tag)
        return "branches" not in filters and "branches-ignore" not in filters


def parse(text: str) -> WorkflowFile | None:
    """None for what is no workflow. YAML 1.2, in which `on` is a word and not the value true."""
    try:
        sound = not _is_steep(text) and _is_sound(YAML(typ="safe").parse(text))
        told = YAML(typ="safe").load(text) if sound else None
    except YAMLError:
        return None
    on = _map(told).get("on")
    if isinstance(on, str):
        return WorkflowFile({on: {}})
    if isinstance(on, list):
        return WorkflowFile({str(event): {} for event in on})
    return (
        WorkflowFile({str(event): _map(how) for event, how in on.items()}) if isinstance(on, dict) else None
    )


def _is_steep(text: str) -> bool:
    """Whether so many brackets open that the parser would look through all of them again and again."""
    steps = (1 if each in "[{" else -1 for each in re.findall(r"[\[\]{}]", text))
    return max(accumulate(steps), default=0) > STEEPEST


def _is_sound(events: Iterable[Event]) -> bool:
    """Whether it may be taken apart: a few aliases of aliases stand for more than any memory holds."""
    known: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = [(None, 0)]
    for event in events:
        if isinstance(event, CollectionStartEvent):
            open_.append((event.anchor, 1))
            continue
        if isinstance(event, CollectionEndEvent):
            anchor, size = open_.pop()
        elif isinstance(event, ScalarEvent):
            anchor, size = event.anchor, 1 + len(event.value)
        elif isinstance(event, AliasEvent):
            anchor, size = None, known.get(event.anchor, LARGEST)  # unknown as yet: it is within itself
        else:
            continue
        if anchor is not None:
            known[anchor] = size
        outer, total = open_.pop()
        open_.append((outer, total + size))
        if total + size >= LARGEST or len(open_) > DEEPEST:
            return False
    return True


def _accepted(name: str, how: Mapping[str, Any]) -> AcceptedInput:
    """An environment is a name to us: whether it exists is for GitHub to say."""
    kind = _KINDS.get(str(how.get("type", "string")), InputType.STRING)
    default = how.get("default")
    required = bool(how.get("required")) and default is None
    return AcceptedInput(
        name,
        kind,
        options=tuple(_list(how["options"])) if kind is InputType.CHOICE and "options" in how else (),
        default=default if isinstance(default, str | int | bool) else None,
        required=required,
        max_length=LONGEST_VALUE,
    )


def matches(patterns: Sequence[str], name: str) -> bool:
    """GitHub's patterns: `*` stops at a slash, `**` does not; the last that fits decides, `!` takes away."""
    fit = False
    for pattern in patterns:
        parts = [_WILD.get(part, part) for part in _PARTS.findall(pattern.removeprefix("!"))]
        if fits(name, parts):
            fit = not pattern.startswith("!")
    return fit


def _patterns(push: Mapping[str, Any], kind: str, other: str) -> tuple[str, ...]:
    """Filters on the other kind alone leave this one out."""
    if kind in push:
        return tuple(_list(push[kind]))
    if f"{kind}-ignore" in push:
        return ("**", *(f"!{each}" for each in _list(push[f"{kind}-ignore"])))
    return () if {other, f"{other}-ignore"} & set(push) else ("**",)


def _map(told: object) -> Mapping[str, Any]:
    return told if isinstance(told, dict) else {}


def _list(told: object) -> list[str]:
    return [str(each) for each in told] if isinstance(told, list) else [str(told)]
