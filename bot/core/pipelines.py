"""What is started where: the pipelines of the catalog and the values that people may add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

FILES = ".github/workflows/"  # where workflows lie, and what may be left out in front of them


class Provider(StrEnum):
    """Where code lives and pipelines run."""

    GITHUB = "github"
    GITLAB = "gitlab"
    JENKINS = "jenkins"


class Start(StrEnum):
    """How a deployment begins at the provider."""

    DISPATCH = "dispatch"
    GATE = "gate"
    JOB = "job"
    INPUT = "input"
    TAG = "tag"


class Pin(StrEnum):
    """What makes sure that the approved commit is the one that runs."""

    TAG = "tag"
    GATE = "gate"
    CHECK = "check"


class InputType(StrEnum):
    """The type of a value a person may add to a deployment."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at its code host: `acme/api`, or `group/sub/api` at GitLab."""

    provider: Provider
    full_name: str


InputValue = str | int | bool


@dataclass(frozen=True, slots=True)
class AcceptedInput:
    """A value people may add with `name=value`; default None means it must be given when `required`."""

    name: str
    type: InputType
    options: tuple[str, ...] = ()
    default: InputValue | None = None
    required: bool = False
    max_length: int = 200


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is started at a provider. `workflow` is GitHub's, `job` is Jenkins' job or GitLab's manual job.

    `ref` None means the commit's own branch or tag; `gate` names the provider's environment or input step.
    `inputs` are templates for `bot.core.placeholders.fill`, and so is `tag`, the one whose push starts it.
    """

    provider: Provider
    start: Start
    pin: Pin
    timeout: timedelta
    workflow: str | None = None
    job: str | None = None
    ref: str | None = None
    trigger: str | None = None
    gate: str | None = None
    tag: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    accepts: tuple[AcceptedInput, ...] = ()

    def accepted(self, name: str) -> AcceptedInput | None:
        """The declaration of an input that people may add."""
        return next((each for each in self.accepts if each.name == name), None)
