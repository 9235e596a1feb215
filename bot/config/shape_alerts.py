"""What may stand in the catalog about alerts: which belong to an environment, and who confirms them."""

from __future__ import annotations

from pydantic import Field

from bot.config.shape_base import Shape
from bot.config.words import Duration, LabelName, Said, Url


class AlertsShape(Shape):
    """For a service or an environment; what is inherited may lack a part."""

    match: dict[LabelName, Said] = Field(default_factory=dict)
    confirm: str | None = None
    watch: Duration | None = None
    fails_verification: bool = False


class AlertmanagerShape(Shape):
    """An Alertmanager."""

    url: Url
