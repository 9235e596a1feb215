"""What may stand in the rules of an environment: pipelines, approvals, checks, freezes, verifications."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Tag

from bot.config.shape_base import Many, Shape, by_key, word_of
from bot.config.words import (
    CronLine,
    Duration,
    HeaderName,
    InputName,
    Moment,
    OnePart,
    Pattern,
    Said,
    TagTemplate,
    Template,
    Url,
    Zone,
    pipeline_parts,
    wrong,
)
from bot.core.pipelines import InputType, Pin, Provider, Start
from bot.core.rules import AutomaticItem, Exclusion, UnknownAuthors


class AcceptedShape(Shape):
    """A value that people may add."""

    type: Annotated[InputType, word_of(InputType)] = InputType.STRING
    options: Many[Said] = ()
    default: str | int | bool | None = None
    required: bool = False
    max_length: int = Field(default=200, ge=1, le=65_535)


class PipelineShape(Shape):
    """What is started, and how. Which keys fit depends on the provider."""

    provider: Annotated[Provider, word_of(Provider)] | None = None
    workflow: Said | None = None
    job: Said | None = None
    ref: Pattern | None = None
    trigger: Said | None = None
    gate: Said | None = None
    tag: TagTemplate | None = None
    start: Annotated[Start, word_of(Start)] | None = None
    pin: Annotated[Pin, word_of(Pin)] | None = None
    inputs: dict[InputName, Template] = Field(default_factory=dict)
    accepts: dict[InputName, AcceptedShape] = Field(default_factory=dict)
    timeout: Duration | None = None


class ApprovalRuleShape(Shape):
    """So many out of these."""

    count: int = Field(ge=1, le=20)
    voters: Many[str] = Field(alias="from")


class ApprovalsShape(Shape):
    """Either `count` and `from`, or `rules`."""

    count: int | None = Field(default=None, ge=0, le=20)
    voters: Many[str] = Field(default=(), alias="from")
    rules: Many[ApprovalRuleShape] = Field(default=(), max_length=8)
    exclude: Many[Annotated[Exclusion, word_of(Exclusion)]] = (
        Exclusion.REQUESTER,
        Exclusion.AUTHORS,
        Exclusion.CO_AUTHORS,
    )
    unknown_authors: Annotated[UnknownAuthors, word_of(UnknownAuthors)] = UnknownAuthors.CLOSED
    expires: Duration | None = None
    confirm: bool = False


class RollbackShape(PipelineShape):
    """A pipeline of its own, or the environment's with the older release."""

    automatic: bool = False
    approvals: ApprovalsShape | None = None
    despite_freeze: bool = False
    hold: Duration | None = None


class CheckShape(Shape):
    """A check by name, and who must have made it."""

    name: Said
    app: Said | None = None
    workflow: Said | None = None
    creators: Many[Said] = ()


class PromotionShape(Shape):
    """Verified there before; `within` so long, and for at least `soak`."""

    environment: str
    within: Duration | None = None
    soak: Duration | None = None


class RecurringFreezeShape(Shape):
    """From each time of the cron line."""

    cron: CronLine
    lasts: Duration
    zone: Zone | None = None
    reason: Said
    override: Many[str] = ()


class FixedFreezeShape(Shape):
    """From one day or time to another."""

    starts: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")
    zone: Zone | None = None
    reason: Said
    override: Many[str] = ()


class TickShape(Shape):
    """An item for a person, or an automatic one."""

    text: Said | None = None
    auto: Annotated[AutomaticItem, word_of(AutomaticItem)] | None = None


class HttpShape(Shape):
    """An address that must answer."""

    http: Url
    status: int = Field(default=200, ge=100, le=599)
    passes: int = Field(default=1, ge=1, le=100)
    within: Duration | None = None
    contains: Said | None = None
    part: OnePart | None = Field(default=None, alias="json")
    version_header: HeaderName | None = None
    private: bool = False
    every: Duration | None = None


class MetricShape(Shape):
    """A query and its bound."""

    prometheus: str
    query: Said
    below: float | None = Field(default=None, allow_inf_nan=False)
    above: float | None = Field(default=None, allow_inf_nan=False)
    lasting: Duration = Field(alias="for")
    every: Duration | None = None


class WorkflowShape(Shape):
    """A workflow that must succeed."""

    workflow: Said
    inputs: dict[InputName, Template] = Field(default_factory=dict)
    timeout: Duration | None = None
    every: Duration | None = None  # refused, in words that say why


def _in_a_word(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = pipeline_parts(value)
    if parts is None:
        raise wrong(f"`{value}` is no pipeline", "such as jenkins:team/deploy, or a map")
    return parts


def _under(key: str) -> BeforeValidator:
    """Text alone stands for a map with this key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _several(value: Any) -> Any:
    """One stands for a list of one."""
    return [value] if isinstance(value, str | dict) else value


PipelinesShape = Annotated[PipelineShape, BeforeValidator(_in_a_word)]
ChecksShape = Annotated[CheckShape, _under("name")]
PromotionsShape = Annotated[Many[Annotated[PromotionShape, _under("environment")]], BeforeValidator(_several)]
FreezeShape = Annotated[
    Annotated[RecurringFreezeShape, Tag("<cron>")] | Annotated[FixedFreezeShape, Tag("<from>")],
    by_key("cron", "from"),
]
VerificationShape = Annotated[
    Annotated[HttpShape, Tag("<http>")]
    | Annotated[MetricShape, Tag("<prometheus>")]
    | Annotated[WorkflowShape, Tag("<workflow>")],
    by_key("http", "prometheus", "workflow"),
]


class ChecklistShape(Shape):
    """Items before the dispatch, and after the end."""

    before: Many[Annotated[TickShape, _under("text")]] = ()
    after: Many[Annotated[TickShape, _under("text")]] = ()
