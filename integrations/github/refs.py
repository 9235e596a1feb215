"""From a name that a person typed to one commit, without guessing. All of it runs in a client's thread."""

from __future__ import annotations

import difflib
import re
import unicodedata
from itertools import islice

from github import GithubException
from github.Repository import Repository

from bot.core.code import RefKind, ResolvedRef
from bot.core.errors import UserError
from bot.core.values import Sha, sha, short
from integrations.github.errors import status_of

HEADS, TAGS = "refs/heads/", "refs/tags/"
OUR_TAGS = "slipway/"  # the pins: tags of ours that come and go with a deployment
NAMES_SEARCHED, NEAR, NESTED_TAGS = 200, 3, 10
_HEX = re.compile(r"[0-9a-f]{7,40}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/$|\.$|^/|^-|(?:^|/)\.|\.lock(?:/|$)")
# Letters and marks that show, and nothing that hides, turns the line around or only looks like a space.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def resolve(repository: Repository, name: str, wanted: str) -> ResolvedRef:
    """The one thing that is called so; UserError when nothing is, or more than one."""
    _check_name(wanted)
    if wanted.startswith(HEADS):
        return _the_branch(repository, name, wanted)
    if wanted.startswith(TAGS):
        return _the_tag(repository, name, wanted)
    found = [each for each in (_branch(repository, wanted), _tag(repository, wanted)) if each]
    if found and _looks_like_a_commit(wanted):
        raise _disguised(found[0])
    if not found and _HEX.fullmatch(wanted.lower()):
        found = [commit] if (commit := _commit(repository, wanted)) else []
    if len(found) > 1:
        raise _ambiguous(wanted, found)
    if not found:
        raise _unknown(repository, name, wanted)
    return found[0]


def ref_sha(repository: Repository, qualified: str) -> Sha | None:
    """The commit at `refs/...`, behind annotated tags too; None when there is no such reference."""
    try:
        ref = repository.get_git_ref(qualified.removeprefix("refs/")).complete()
        if ref.ref != qualified:
            return None
        kind, found = ref.object.type, ref.object.sha
        for _ in range(NESTED_TAGS):
            if kind != "tag":
                break
            target = repository.get_git_tag(found).object
            kind, found = target.type, target.sha
    except GithubException as error:
        if status_of(error) in (404, 409):  # 409: the repository is empty
            return None
        raise
    if kind != "commit":
        raise UserError(
            f"`{qualified}` does not name a commit.", f"It names a {kind}.", "Name another reference."
        )
    return sha(found)


def _branch(repository: Repository, name: str) -> ResolvedRef | None:
    found = ref_sha(repository, HEADS + name)
    return ResolvedRef(RefKind.BRANCH, name, found) if found else None


def _tag(repository: Repository, name: str) -> ResolvedRef | None:
    found = ref_sha(repository, TAGS + name)
    return ResolvedRef(RefKind.TAG, name, found) if found else None


def _commit(repository: Repository, digits: str) -> ResolvedRef | None:
    """GitHub reads any reference here; what it finds counts only if it begins with these digits."""
    try:
        found = sha(repository.get_commit(digits.lower()).complete().sha)
    except GithubException as error:
        if status_of(error) in (404, 409, 422):  # 422: no commit, or more than one, begins so
            return None
        raise
    return ResolvedRef(RefKind.COMMIT, found, found) if found.startswith(digits.lower()) else None


def _the_branch(repository: Repository, name: str, wanted: str) -> ResolvedRef:
    found = _branch(repository, wanted.removeprefix(HEADS))
    return found or _raise(_unknown(repository, name, wanted))


def _the_tag(repository: Repository, name: str, wanted: str) -> ResolvedRef:
    found = _tag(repository, wanted.removeprefix(TAGS))
    return found or _raise(_unknown(repository, name, wanted))


def _raise(error: UserError) -> ResolvedRef:
    raise error


def _check_name(wanted: str) -> None:
    unseen = any(unicodedata.category(letter) in _UNSEEN for letter in wanted)
    if not wanted or len(wanted) > 250 or unseen or _FORBIDDEN.search(wanted):
        shown = wanted.encode("ascii", "backslashreplace").decode()[:80]
        raise UserError(
            f"`{shown}` cannot be a branch, tag or commit.",
            "Git allows no such name." if not unseen else "It holds characters that nobody can see.",
            "Type the name anew.",
        )


def _looks_like_a_commit(wanted: str) -> bool:
    """GitHub hides a commit behind a branch of its name, so nobody can look for both. Dates are fine."""
    return bool(_HEX.fullmatch(wanted.lower())) and not wanted.isdecimal()


def _disguised(found: ResolvedRef) -> UserError:
    return UserError(
        f"`{found.name}` is a {found.kind}, but reads like a commit.",
        "We do not guess which one you mean.",
        f"Write `{found.qualified}` (now {short(found.sha)}), or the commit's full id.",
    )


def _ambiguous(wanted: str, found: list[ResolvedRef]) -> UserError:
    kinds = " and a ".join(each.kind for each in found)
    ways = " or ".join(f"`{each.qualified}` (now {short(each.sha)})" for each in found)
    return UserError(f"`{wanted}` is a {kinds}.", "We do not guess which one you mean.", f"Write {ways}.")


def _unknown(repository: Repository, name: str, wanted: str) -> UserError:
    """Look up what there is; this read fails with its own error when the repository itself is not there."""
    names = [each.name for each in islice(repository.get_branches(), NAMES_SEARCHED)]
    names += [each.name for each in islice(repository.get_tags(), NAMES_SEARCHED)]
    bare = wanted.removeprefix(HEADS).removeprefix(TAGS)
    near = difflib.get_close_matches(bare, dict.fromkeys(names), NEAR)
    return UserError(
        f"{name} has no branch, tag or commit `{wanted}`.",
        "",
        f"Did you mean {' or '.join(f'`{each}`' for each in near)}?"
        if near
        else "Check the name, or push it first.",
    )
