"""Workflow files: what GitHub reads out of their YAML, and how it checks a dispatch against it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.playground.github.git import HEADS, TAGS

FOLDER = ".github/workflows/"
STEP_SECONDS = 0.5
MAX_INPUTS = 25
MAX_PAYLOAD = 65_535
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_COMPARISON = re.compile(r"^(?P<left>[\w.]+)\s*(?P<sign>==|!=)\s*'(?P<right>[^']*)'$")


class DispatchRefused(Exception):
    """GitHub's own words for why a dispatch is not taken."""


@dataclass(frozen=True)
class Input:
    name: str
    kind: str
    required: bool
    default: str | None
    options: tuple[str, ...]


@dataclass(frozen=True)
class StepPlan:
    name: str
    seconds: float
    upload: tuple[str, tuple[str, ...]] | None
    command: str = ""


@dataclass(frozen=True)
class JobPlan:
    key: str
    name: str
    needs: tuple[str, ...]
    condition: str
    environment: str | None
    steps: tuple[StepPlan, ...]


@dataclass(frozen=True)
class WorkflowFile:
    """One parsed workflow file."""

    path: str
    name: str
    run_name: str | None
    events: Mapping[str, Any]
    inputs: tuple[Input, ...]
    group: str | None
    cancel_in_progress: bool
    jobs: tuple[JobPlan, ...]

    @property
    def can_dispatch(self) -> bool:
        return "workflow_dispatch" in self.events

    def runs_on_push(self, ref: str) -> bool:
        """Whether a push of this reference starts it, by its branch and tag filters."""
        if "push" not in self.events:
            return False
        push = self.events["push"] or {}
        kind, name = (
            ("tags", ref.removeprefix(TAGS)) if ref.startswith(TAGS) else ("branches", ref[len(HEADS) :])
        )
        if kind in push:
            return _listed(name, push[kind])
        if f"{kind}-ignore" in push:
            return not _listed(name, push[f"{kind}-ignore"])
        return not ({"branches", "tags", "branches-ignore", "tags-ignore"} & set(push))

    def checked_inputs(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The inputs a run starts with: defaults filled in; raises what GitHub answers with 422."""
        if not self.can_dispatch:
            raise DispatchRefused("Workflow does not have 'workflow_dispatch' trigger")
        known = {i.name for i in self.inputs}
        unexpected = [name for name in given if name not in known]
        if unexpected:
            listed = ", ".join(f'"{name}"' for name in unexpected)
            raise DispatchRefused(f"Unexpected inputs provided: [{listed}]")
        return {i.name: _value(i, given) for i in self.inputs}


def _listed(name: str, patterns: str | list[str]) -> bool:
    """GitHub's filters: `*` stops at a slash, `**` does not, and the last pattern that fits decides."""
    fits = False
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        written = re.escape(pattern.removeprefix("!")).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        if re.fullmatch(written, name):
            fits = not pattern.startswith("!")
    return fits


def check_payload(inputs: Mapping[str, Any]) -> None:
    """The limits that hold before the workflow is even looked at."""
    if len(inputs) > MAX_INPUTS:
        raise DispatchRefused(
            f"Invalid request.\n\nNo more than {MAX_INPUTS} properties are allowed; "
            f"{len(inputs)} were supplied."
        )
    if sum(len(str(name)) + len(str(value)) for name, value in inputs.items()) > MAX_PAYLOAD:
        raise DispatchRefused("inputs are too large.")


def _value(given: Input, inputs: Mapping[str, Any]) -> str:
    raw = inputs.get(given.name)
    if raw is None or raw == "":
        if given.required and given.default is None:
            raise DispatchRefused(f"Required input '{given.name}' not provided")
        return given.default or ("false" if given.kind == "boolean" else "")
    value = str(raw).lower() if isinstance(raw, bool) else str(raw)
    allowed = (
        ("true", "false") if given.kind == "boolean" else given.options if given.kind == "choice" else ()
    )
    if allowed and value not in allowed:
        raise DispatchRefused(
            f"Provided value '{value}' for input '{given.name}' not in the list of allowed values"
        )
    return value


@lru_cache(maxsize=256)
def parse(path: str, text: str) -> WorkflowFile | None:
    """Read a workflow; None when it is no valid one, which GitHub shows as a start-up failure."""
    try:
        data = YAML(typ="safe").load(text)
    except YAMLError:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("jobs"), dict):
        return None
    events = _events(data.get("on"))
    dispatch = events.get("workflow_dispatch") or {}
    concurrency = data.get("concurrency") or {}
    if isinstance(concurrency, str):
        concurrency = {"group": concurrency}
    return WorkflowFile(
        path=path,
        name=str(data.get("name", path)),
        run_name=data.get("run-name"),
        events=events,
        inputs=tuple(_input(name, raw or {}) for name, raw in (dispatch.get("inputs") or {}).items()),
        group=concurrency.get("group"),
        cancel_in_progress=bool(concurrency.get("cancel-in-progress", False)),
        jobs=tuple(_job(key, raw) for key, raw in data["jobs"].items()),
    )


def _events(raw: Any) -> dict[str, Any]:
    if isinstance(raw, str):
        return {raw: None}
    return dict.fromkeys(raw) if isinstance(raw, list) else dict(raw or {})


def _input(name: str, raw: Mapping[str, Any]) -> Input:
    default = raw.get("default")
    return Input(
        name=name,
        kind=str(raw.get("type", "string")),
        required=bool(raw.get("required", False)),
        default=None
        if default is None
        else str(default).lower()
        if isinstance(default, bool)
        else str(default),
        options=tuple(str(o) for o in raw.get("options", ())),
    )


def _job(key: str, raw: Mapping[str, Any]) -> JobPlan:
    needs = raw.get("needs", ())
    environment = raw.get("environment")
    return JobPlan(
        key=key,
        name=str(raw.get("name", key)),
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        condition=str(raw.get("if", "")),
        environment=environment.get("name") if isinstance(environment, dict) else environment,
        steps=tuple(_step(step) for step in raw.get("steps", ())),
    )


def _step(raw: Mapping[str, Any]) -> StepPlan:
    """How long a step takes is in `env.PLAY_SECONDS`: nothing is really executed here."""
    what = str(raw.get("uses") or str(raw.get("run", "")).strip().partition("\n")[0])
    given = raw.get("with") or {}
    upload = None
    if what.startswith("actions/upload-artifact@"):
        upload = (str(given.get("name", "artifact")), tuple(str(given.get("path", "")).split()))
    return StepPlan(
        name=str(raw.get("name") or f"Run {what}"),
        seconds=float((raw.get("env") or {}).get("PLAY_SECONDS", STEP_SECONDS)),
        upload=upload,
        command=what,
    )


def fill(template: str, values: Mapping[str, str]) -> str:
    """Replace `${{ inputs.x }}` and the few `github.*` values; anything else becomes empty, as on GitHub."""
    return _EXPRESSION.sub(lambda match: values.get(match.group(1), ""), template)


def holds(condition: str, values: Mapping[str, str], *, needs_succeeded: bool, needs_failed: bool) -> bool:
    """Whether a job's `if:` lets it run."""
    bare = _EXPRESSION.sub(lambda match: match.group(1), condition).strip()
    if bare == "always()":
        return True
    if bare == "failure()":
        return needs_failed
    if not needs_succeeded:
        return False
    if compared := _COMPARISON.match(bare):
        same = values.get(compared["left"], "") == compared["right"]
        return same if compared["sign"] == "==" else not same
    truthy = values.get(bare.removeprefix("!"), "") not in ("", "false", "0")
    return bare in ("", "success()") or (not truthy if bare.startswith("!") else truthy)
