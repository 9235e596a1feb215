"""What must hold of a pipeline: the keys its provider needs, a start it knows, inputs it can take."""

from __future__ import annotations

from bot.config.build_pipelines import build_pipeline, rollback_shape
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import EnvironmentShape, ServiceShape
from bot.config.shape_rollout import ByPipelineShape
from bot.config.shape_rules import AcceptedShape, PipelineShape
from bot.core.asking import RELEASE_WORDS
from bot.core.catalog import Tier
from bot.core.pipelines import InputType, Pin, Provider, Start
from bot.core.placeholders import Placeholder, used

MOST_INPUTS = 25
_NEEDS = {Provider.GITHUB: "workflow", Provider.JENKINS: "job"}
_FOREIGN = {
    Provider.GITHUB: ("job", "trigger"),
    Provider.GITLAB: ("workflow",),
    Provider.JENKINS: ("workflow", "ref", "trigger", "tag"),
}
_STARTS = {
    Provider.GITHUB: (Start.DISPATCH, Start.GATE, Start.TAG),
    Provider.GITLAB: (Start.DISPATCH, Start.JOB, Start.TAG),
    Provider.JENKINS: (Start.DISPATCH, Start.INPUT),
}


def home_of(service: ServiceShape) -> Provider:
    """Where the code lives; GitHub while the repository is not known."""
    return Provider((service.repository or "github:").partition(":")[0])


def check_pipelines(path: Path, service: ServiceShape, shape: EnvironmentShape, findings: Findings) -> None:
    """The pipeline of the environment and the three beside it."""
    home = home_of(service)
    by_pipeline = shape.strategy is None or isinstance(shape.strategy, ByPipelineShape)
    written = findings.is_written((*path, "pipeline"))
    if shape.pipeline is None and by_pipeline and not written:
        findings.wrong(path, "there is no pipeline for this environment", "add `pipeline:`", key=True)
    parts = {
        "pipeline": shape.pipeline,
        "rollback": rollback_shape(shape),
        "backup": shape.backup,
        "restore": shape.restore,
    }
    for key, part in parts.items():
        if part is not None:
            _check((*path, key), part, home, findings)
    if parts["rollback"] is not None:
        _check_rollback((*path, "rollback"), parts["rollback"], findings)
    if shape.restore is not None:
        _check_restore((*path, "restore"), shape.restore, findings)
    if shape.pipeline is not None:
        _warn_of_check((*path, "pipeline"), shape.pipeline, home, shape, findings)


def _check(path: Path, shape: PipelineShape, home: Provider, findings: Findings) -> None:
    provider = shape.provider or home
    needed = _NEEDS.get(provider)
    if needed and getattr(shape, needed) is None and not findings.is_written((*path, needed)):
        findings.wrong(path, f"a {provider} pipeline needs `{needed}`", key=True)
    for key in _FOREIGN[provider]:
        if key in shape.model_fields_set:
            findings.wrong((*path, key), f"`{key}` has no meaning for {provider}", "leave it out", key=True)
    start = shape.start or Start.DISPATCH
    if start not in _STARTS[provider]:
        known = ", ".join(_STARTS[provider])
        findings.wrong((*path, "start"), f"{provider} has no start `{start}`", f"it knows {known}")
    if start is Start.JOB and shape.job is None and not findings.is_written((*path, "job")):
        findings.wrong(path, "`start: job` needs `job`, the name of the manual job", key=True)
    if start is Start.TAG and shape.pin not in (None, Pin.TAG):
        findings.wrong((*path, "pin"), "what a tag starts is held by that tag", "leave `pin` out")
    _check_inputs(path, shape, provider, findings)


def _check_inputs(path: Path, shape: PipelineShape, provider: Provider, findings: Findings) -> None:
    count = len(shape.inputs) + len(shape.accepts)
    if provider is Provider.GITHUB and count > MOST_INPUTS:
        findings.wrong((*path, "inputs"), f"GitHub takes {MOST_INPUTS} inputs, these are {count}", key=True)
    for name, accepted in shape.accepts.items():
        where = (*path, "accepts", name)
        if name in shape.inputs:
            findings.wrong(where, f"`{name}` is already set by `inputs`", "keep one", key=True)
        if name == "ref":
            findings.wrong(where, "`ref=` names the release in the chat", "call it otherwise", key=True)
        _check_accepted(where, accepted, findings)


def _check_accepted(path: Path, shape: AcceptedShape, findings: Findings) -> None:
    has_options = bool(shape.options) or findings.is_written((*path, "options", 0))
    if has_options != (shape.type is InputType.CHOICE) and "type" in shape.model_fields_set:
        findings.wrong(path, "`type: choice` and `options` go together", key=True)
    if shape.default is not None and not _fits(shape, shape.default):
        findings.wrong((*path, "default"), f"the default is no {shape.type} this accepts", "")
    if shape.required and shape.default is not None:
        findings.wrong((*path, "required"), "what is required needs no default", "keep one", key=True)


def _check_rollback(path: Path, shape: PipelineShape, findings: Findings) -> None:
    """It runs on today's branch and inherits no inputs: untold, it would bring whatever is there."""
    if (shape.start or Start.DISPATCH) is not Start.DISPATCH:
        return
    if not shape.inputs and findings.is_written((*path, "inputs")):
        return  # they are wrong, and that is told already
    if not used(tuple(shape.inputs.items())) & RELEASE_WORDS:
        findings.wrong(
            path,
            "nothing tells this pipeline which release comes back",
            "add `inputs:` with {sha} or {version}",
            key=True,
        )


def _check_restore(path: Path, shape: PipelineShape, findings: Findings) -> None:
    """What it brings back was read and typed by people, so it has to be told exactly that."""
    if (shape.start or Start.DISPATCH) is not Start.DISPATCH:
        findings.wrong((*path, "start"), "a restore is started and never let in", "leave `start` out")
        return
    if not shape.inputs and findings.is_written((*path, "inputs")):
        return  # they are wrong, and that is told already
    if Placeholder.BACKUP not in used(tuple(shape.inputs.items())):
        findings.wrong(
            path,
            "nothing tells this pipeline which backup is restored",
            "add `inputs:` with {backup}",
            key=True,
        )


def _fits(shape: AcceptedShape, value: str | int | bool) -> bool:
    match shape.type:
        case InputType.BOOLEAN:
            return isinstance(value, bool)
        case InputType.INTEGER | InputType.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
        case InputType.STRING:
            return isinstance(value, str) and len(value) <= shape.max_length
        case InputType.CHOICE:
            return value in shape.options


def _warn_of_check(
    path: Path, shape: PipelineShape, home: Provider, environment: EnvironmentShape, findings: Findings
) -> None:
    if environment.tier is not Tier.PRODUCTION:
        return
    if build_pipeline(shape, home, environment, guarded=True).pin is Pin.CHECK:
        findings.warn(
            (*path, "pin"),
            "`pin: check` in production notices another commit only after it has started",
            "use `pin: tag`, or `gate` where the provider has one",
        )
