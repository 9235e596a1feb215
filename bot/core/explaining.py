"""What one person may do in one place, and which words of the catalog decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.catalog import Catalog, Environment, Path, Service
from bot.core.errors import Denied
from bot.core.people import Who, described, is_member, unsure
from bot.core.policy import Permission, authorise, visible
from bot.core.rules import Right
from bot.core.text import Span, Text, bold, code, line
from bot.core.values import Person


@dataclass(frozen=True, slots=True)
class Explained:
    """One thing that may be done, or not; `where` is the file and line of the catalog, if it says so."""

    what: str
    allowed: bool
    why: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one person in one place."""

    person: Person
    service: str
    environment: str
    lines: tuple[Explained, ...]

    def text(self) -> Text:
        """For a chat or a terminal."""
        text = line(bold(f"{self.person.name} · {self.service} · {self.environment}"))
        for each in self.lines:
            spans: list[Span | str] = [f"• {each.what}: ", bold("yes" if each.allowed else "no")]
            spans.append(f" · {each.why}")
            spans += [" · ", code(each.where)] if each.where else []
            text += line(*spans)
        return text


def explain(person: Person, catalog: Catalog, service: Service, environment: Environment) -> Explanation:
    """Whether they may know of it; then each permission as `authorise()` answers, and each right."""
    asking = _Asking(person, catalog, service, environment)
    seen = asking.sight()
    lines = (seen, *asking.permissions(), *asking.approvals(), *asking.rights()) if seen.allowed else (seen,)
    return Explanation(person, service.name, environment.name, lines)


_TOLD_OTHERWISE = frozenset({Permission.LOOK, Permission.EXPLAIN, Permission.AUDIT, Permission.ADMIN})
_BY_WHO: tuple[Path, ...] = (("environment", "who"),)
_OR_OWNERS: tuple[Path, ...] = (*_BY_WHO, ("service", "owners"))
_DECIDED_BY: Mapping[Permission, tuple[Path, ...]] = {
    Permission.DEPLOY: _BY_WHO,
    Permission.CANCEL: _OR_OWNERS,
    Permission.SETTLE: _OR_OWNERS,
    Permission.HAND_OVER: (("service", "owners"),),
    Permission.TICK: _OR_OWNERS,
    Permission.QUARANTINE: _OR_OWNERS,
    Permission.LIFT_QUARANTINE: (("service", "owners"),),
    Permission.RESTORE: tuple(
        (each, "rights", "override_migrations") for each in ("environment", "service", "catalog")
    ),
    Permission.REVIEW: (("environment", "approvals", "from"), ("service", "owners")),
    Permission.SUBSCRIBE: tuple(
        (each, "rights", "subscribe") for each in ("environment", "service", "catalog")
    ),
    Permission.EMERGENCY: tuple(
        (each, "rights", "emergency") for each in ("environment", "service", "catalog")
    ),
    Permission.SUBSCRIBE: tuple(
        (each, "rights", "subscribe") for each in ("environment", "service", "catalog")
    ),
}


@dataclass(frozen=True, slots=True)
class _Asking:
    person: Person
    catalog: Catalog
    service: Service
    environment: Environment

    def sight(self) -> Explained:
        """Who may not know of it is told of as if it were not there, everywhere."""
        what, where = "know of it", ""
        if not self.person.active:
            return Explained(what, False, "the account is deactivated")
        if self.service.visible_to is not None:
            where = self._place(("service", "visible_to"))
            return Explained(
                what, visible(self.person, self.service), self._why(self.service.visible_to), where
            )
        if visible(self.person, self.service):
            return Explained(what, True, "there is no `visible_to`")
        where = self._place(("service", "external"))
        return Explained(what, False, "people of other organisations see what has `external: true`", where)

    def permissions(self) -> list[Explained]:
        """What `authorise()` says to a request of somebody else."""
        return [self._permission(each) for each in Permission if each not in _TOLD_OTHERWISE]

    def _permission(self, permission: Permission) -> Explained:
        where = self._place(*_DECIDED_BY.get(permission, ()))
        try:
            allowed = authorise(permission, self.person, self.catalog, self.service, self.environment)
        except Denied as denied:
            return Explained(permission.value, False, denied.why.rstrip("."), where)
        return Explained(permission.value, True, allowed.source, where)

    def approvals(self) -> list[Explained]:
        """One line for each rule; who had a hand in the release is left out when it is known."""
        wanted = self.environment.policy.approvals
        where = self._place(("environment", "approvals", "from"), ("environment", "approvals"))
        without = ", ".join(each.replace("_", " ") for each in wanted.exclude) or "nobody"
        return [
            Explained(
                f"be one of {rule.count} who approve",
                is_member(rule.voters, self.person) and not self.person.guest and not self.person.stranger,
                f"{self._why(rule.voters)}; left out: {without}",
                where,
            )
            for rule in wanted.rules
        ]

    def rights(self) -> list[Explained]:
        """The nearest word on each right counts: of the environment, the service, the whole catalog."""
        found = []
        for right in Right:
            who = self.environment.policy.rights.of(right)
            levels = ((level, "rights", right.value) for level in ("environment", "service", "catalog"))
            allowed = is_member(who, self.person) and not self.person.stranger
            name = right.value.replace("_", " ")
            found.append(Explained(f"right to {name}", allowed, self._why(who), self._place(*levels)))
        return found

    def _why(self, who: Who) -> str:
        """By which of the names; or all the names there are."""
        mine = [described(each) for each in who if is_member((each,), self.person)]
        if mine:
            return f"by {' and '.join(mine)}"
        aside = unsure(who, self.person)
        whose = f"that is for {', '.join(described(each) for each in who)}" if who else "nobody is named"
        return f"{whose}. {aside}" if aside else whose

    def _place(self, *paths: Path) -> str:
        home: Path = ("services", self.service.name)
        roots: Mapping[str, Path] = {
            "service": home,
            "environment": (*home, "environments", self.environment.name),
            "catalog": (),
        }
        return self.catalog.written(*((*roots[level], *rest) for level, *rest in paths))
