"""The words in braces that templates of inputs may hold, and filling them in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_BRACES = re.compile(r"\{([^{}\"':,]*)\}")

Templates = tuple[tuple[str, str], ...]


class Placeholder(StrEnum):
    """All there are; a template with any other word in braces is a mistake in the catalog."""

    ENVIRONMENT = "environment"
    SHA = "sha"
    SHORT_SHA = "short_sha"
    REF = "ref"
    TAG = "tag"
    VERSION = "version"
    IMAGE = "image"
    DIGEST = "digest"
    BUILD = "build"
    BACKUP = "backup"
    KEY = "key"
    PREVIOUS_SHA = "previous.sha"
    PREVIOUS_SHORT_SHA = "previous.short_sha"
    PREVIOUS_TAG = "previous.tag"
    PREVIOUS_VERSION = "previous.version"
    PREVIOUS_IMAGE = "previous.image"
    PREVIOUS_DIGEST = "previous.digest"
    PREVIOUS_BUILD = "previous.build"


@dataclass(frozen=True, slots=True)
class Unfilled:
    """Placeholders that have no value for this request, each with the input that asked for it."""

    missing: tuple[tuple[str, Placeholder], ...]


def words_in(template: str) -> tuple[str, ...]:
    """Every word in braces, known or not."""
    return tuple(_BRACES.findall(template))


def unknown_words(template: str) -> tuple[str, ...]:
    """The words in braces that are no placeholder."""
    known = {each.value for each in Placeholder}
    return tuple(word for word in words_in(template) if word not in known)


def used(templates: Templates) -> frozenset[Placeholder]:
    """What these templates need."""
    return frozenset(Placeholder(word) for _, template in templates for word in words_in(template))


def fill(templates: Templates, values: Mapping[Placeholder, str | None]) -> Templates | Unfilled:
    """The inputs with every placeholder replaced; an absent or empty value is never sent."""
    missing = tuple(_missing(templates, values))
    if missing:
        return Unfilled(missing)
    known = {key.value: value for key, value in values.items() if value}
    return tuple((name, _BRACES.sub(lambda found: known[found[1]], text)) for name, text in templates)


def _missing(
    templates: Templates, values: Mapping[Placeholder, str | None]
) -> Iterable[tuple[str, Placeholder]]:
    for name, template in templates:
        for word in words_in(template):
            placeholder = Placeholder(word)
            if not values.get(placeholder):
                yield name, placeholder
