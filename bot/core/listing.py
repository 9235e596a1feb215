"""Who is in the groups and teams that a set counts on, as the directory says."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.crowds import Groups
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.linking import Team
from bot.core.people import GithubTeam, SlackGroup, Who, listed_in
from bot.core.ports import Directory


@dataclass(frozen=True, slots=True)
class Lists:
    """Who is in which group or team: those who are known, and where these are all of them."""

    known: Groups
    whole: Groups


async def lists_of(directory: Directory, workspace: str, who: Who, *, fresh: bool) -> Lists:
    """What can't be read is in neither; who has not linked an account is in no list of a team."""
    known: dict[SlackGroup | GithubTeam, frozenset[str]] = {}
    whole: dict[SlackGroup | GithubTeam, frozenset[str]] = {}
    for source in dict.fromkeys(one for each in who for one in listed_in(each.rule)):
        try:
            listed = await _listed(directory, workspace, source, fresh=fresh)
        except (Transient, NeedsHuman, UserError):
            continue
        known[source] = listed.people
        if not listed.unlinked:
            whole[source] = listed.people
    return Lists(known, whole)


async def _listed(
    directory: Directory, workspace: str, source: SlackGroup | GithubTeam, *, fresh: bool
) -> Team:
    match source:
        case SlackGroup(handle):
            return Team(await directory.members(workspace, handle, fresh=fresh))
        case GithubTeam(name):
            return await directory.team(workspace, name, fresh=fresh)
