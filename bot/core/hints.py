"""What a provider's delivery tells us: not the truth, only where to look for it again."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.values import Sha


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened to this run, or without one to the checks of this commit; re-read it there."""

    repository: str
    run: str | None = None  # the provider's own id
    head_sha: Sha | None = None
    gate: str = ""  # the run waits at this gate, and the provider asks us
    landing: str = ""  # something reached an environment, by this number of the provider's
    environment: str = ""  # which one that was
    release: str = ""  # something was published, by this number of the provider's
    doubt: str = ""  # why a call to answer a gate is not followed
    in_passing: bool = False  # it says how a run goes on, and many come at once: they can share a look
