"""Names of people into what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.config.shape import PeopleShape
from bot.core.people import (
    AllOf,
    AnyOf,
    FullMembers,
    GithubTeam,
    NamedUsers,
    PeopleRule,
    PeopleSet,
    SlackGroup,
    Who,
)


class Directory:
    """The `people:` of a catalog. A name that is unknown or goes in a circle stands for nobody."""

    def __init__(self, people: Mapping[str, PeopleShape]) -> None:
        self._people = people

    def who(self, names: Iterable[str]) -> Who:
        """These names in one order, so that writing them in another changes no policy."""
        return tuple(PeopleSet(name, self.rule(name)) for name in sorted(set(names) & self._people.keys()))

    def rule(self, name: str, above: tuple[str, ...] = ()) -> PeopleRule:
        """What the name stands for."""
        if name not in self._people or name in above:
            return AnyOf(())
        shape, path = self._people[name], (*above, name)
        if shape.all:
            return AllOf(tuple(self.rule(each, path) for each in sorted(set(shape.all))))
        parts = (*_sources(shape), *(self.rule(each, path) for each in sorted(set(shape.any))))
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def circle(self, name: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The names on the way back to this one, if there is such a way."""
        if name in above:
            return (*above[above.index(name) :], name)
        shape = self._people.get(name)
        ways = (self.circle(each, (*above, name)) for each in (*shape.any, *shape.all)) if shape else ()
        return next((way for way in ways if way), ())


def _sources(shape: PeopleShape) -> tuple[PeopleRule, ...]:
    found: list[PeopleRule] = []
    if shape.slack_group:
        found.append(SlackGroup(shape.slack_group.removeprefix("@")))
    if shape.github_team:
        found.append(GithubTeam(shape.github_team))
    if shape.users:
        found.append(NamedUsers(tuple(sorted(set(shape.users)))))
    if shape.members:
        found.append(FullMembers())
    return tuple(found)
