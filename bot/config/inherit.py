"""What is inherited: templates with `like:`, defaults, what a service says for all its environments.

Maps merge per key, lists replace.
"""

from __future__ import annotations

from bot.config.document import Entry, Fields, Scalar, Value
from bot.config.mistakes import Mistake
from bot.config.words import pipeline_parts
from bot.core.nearest import did_you_mean

# A map whose leading key changes is another thing altogether: nothing of the old one may shine through.
_REPLACED_BY = {"pipeline": "provider", "backup": "provider", "restore": "provider", "strategy": "kind"}
_HOMES = frozenset({"github", "gitlab"})
_EITHER_OR = {"approvals": (frozenset({"count", "from"}), frozenset({"rules"}))}


def merge(base: Value | None, over: Value | None, name: str = "") -> Value | None:
    """`over` on top of `base`; `name` is the key they stand under."""
    if base is None or over is None:
        return over if over is not None else base
    if not isinstance(base, Fields) or not isinstance(over, Fields) or _replaces(base, over, name):
        return over
    entries = {key: entry for key, entry in base.entries.items() if not _ousted(key, over, name)}
    for key, entry in over.entries.items():
        below = entries.get(key)
        merged = merge(below.value if below else None, entry.value, key)
        entries[key] = Entry(entry.key, merged if merged is not None else entry.value)
    return Fields(over.mark, entries)


def inherit(root: Fields) -> tuple[Fields, list[Mistake]]:
    """The document with every service and environment written out in full."""
    services = root.get("services")
    if not isinstance(services, Fields):
        return root, []
    mistakes: list[Mistake] = []
    full = {}
    for name, entry in services.entries.items():
        value = _service(root, entry.value, mistakes)
        full[name] = Entry(entry.key, value)
    entries = {**root.entries, "services": Entry(root.entries["services"].key, Fields(services.mark, full))}
    return Fields(root.mark, entries), mistakes


def _service(root: Fields, service: Value, mistakes: list[Mistake]) -> Value:
    if not isinstance(service, Fields):
        return service
    merged = merge(_template(root, service, mistakes), service)
    if not isinstance(merged, Fields):
        return service
    environments = merged.get("environments")
    if not isinstance(environments, Fields):
        return merged
    defaults = root.get("defaults")
    full = {
        name: Entry(entry.key, _environment(merged, defaults, entry.value))
        for name, entry in environments.entries.items()
    }
    key = merged.entries["environments"].key
    return Fields(
        merged.mark, {**merged.entries, "environments": Entry(key, Fields(environments.mark, full))}
    )


def _environment(service: Fields, defaults: Value | None, environment: Value) -> Value:
    full = merge(merge(defaults, _alerts(service)), environment) or environment
    if not isinstance(full, Fields):
        return full
    shared, own = service.entries.get("pipeline"), full.entries.get("pipeline")
    named = own or shared
    if named is None:
        return full
    base = _with_provider(_spelled_out(shared.value), service) if shared else None
    pipeline = merge(base, _spelled_out(own.value) if own else None, "pipeline") or named.value
    return Fields(full.mark, {**full.entries, "pipeline": Entry(named.key, pipeline)})


def _alerts(service: Fields) -> Fields | None:
    """What the service says of alerts, for each of its environments."""
    shared = service.entries.get("alerts")
    return Fields(service.mark, {"alerts": shared}) if shared else None


def _with_provider(pipeline: Value, service: Fields) -> Value:
    """A pipeline runs where the code lives unless it says otherwise; written out to be replaced."""
    repository = service.get("repository")
    text = repository.value if isinstance(repository, Scalar) else None
    home = text.partition(":")[0] if isinstance(text, str) else ""
    if not isinstance(pipeline, Fields) or "provider" in pipeline.entries or home not in _HOMES:
        return pipeline
    provider = Entry(pipeline.mark, Scalar(pipeline.mark, home))
    return Fields(pipeline.mark, {**pipeline.entries, "provider": provider})


def _spelled_out(pipeline: Value) -> Value:
    """The map that a pipeline in one word stands for, so that it can be merged."""
    text = pipeline.value if isinstance(pipeline, Scalar) else None
    parts = pipeline_parts(text) if isinstance(text, str) else None
    if parts is None:
        return pipeline
    return Fields(
        pipeline.mark,
        {key: Entry(pipeline.mark, Scalar(pipeline.mark, value)) for key, value in parts.items()},
    )


def _template(root: Fields, service: Fields, mistakes: list[Mistake]) -> Value | None:
    like = service.get("like")
    if not isinstance(like, Scalar) or not isinstance(like.value, str):
        return None
    template = root.get("templates", like.value)
    if template is None:
        known = root.get("templates")
        names = known.entries if isinstance(known, Fields) else {}
        hint = did_you_mean(like.value, names) or "templates stand under `templates:`"
        mistakes.append(like.mark.mistake(f"there is no template `{like.value}`", hint))
    return template


def _replaces(base: Fields, over: Fields, name: str) -> bool:
    leading = _REPLACED_BY.get(name)
    if leading is None:
        return False
    wanted, had = over.get(leading), base.get(leading)
    return isinstance(wanted, Scalar) and isinstance(had, Scalar) and wanted.value != had.value


def _ousted(key: str, over: Fields, name: str) -> bool:
    """Whether an inherited key belongs to the form that `over` does not use."""
    forms = _EITHER_OR.get(name, ())
    used = [form for form in forms if form & over.entries.keys()]
    return bool(used) and any(key in form for form in forms) and not any(key in form for form in used)
