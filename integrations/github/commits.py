"""Commits as GitHub tells them, turned into ours. All of it runs in a client's thread."""

from __future__ import annotations

import re
from datetime import datetime

import github.Commit
from github.GitAuthor import GitAuthor

from bot.core.code import Commit
from bot.core.values import sha

TITLE_LENGTH = 200
_CO_AUTHOR = re.compile(r"^co-authored-by:\s*(?P<name>[^<\n]*?)\s*<(?P<email>[^>\s]+)>\s*$", re.I | re.M)
_NO_REPLY = re.compile(
    r"(?:(?P<id>\d+)\+)?(?P<login>[A-Za-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com", re.I
)
_SQUASHED = re.compile(r"\(#(\d{1,9})\)$", re.ASCII)
_MERGED = re.compile(r"^Merge pull request #(\d{1,9}) from ", re.ASCII)


def commit_of(told: github.Commit.Commit) -> Commit:
    """The commit with what its message says about co-authors and its pull request."""
    inner = told.commit
    title = title_of(inner.message)
    return Commit(
        sha=sha(told.sha),
        title=title,
        author=_author(told),
        authored_at=_date(inner.author, inner.committer),
        committed_at=_date(inner.committer, inner.author),
        url=told.html_url or "",
        is_merge=len(told.parents) > 1,
        co_authors=co_authors_of(inner.message),
        pull_request=pull_request_of(title),
        unknown_authors=_unknown(told),
        author_id=_author_id(told),
        co_author_ids=co_author_ids_of(inner.message),
    )


def _unknown(told: github.Commit.Commit) -> tuple[str, ...]:
    """Whom no account is known of: what stands in their place is a name that anybody can write."""
    account = told.author
    written = told.commit.author
    known = bool(account and account.login) or bool(written and login_of(written.email or ""))
    nameless = [
        each["name"] or each["email"]
        for each in _trailers(told.commit.message or "")
        if not login_of(each["email"])
    ]
    return tuple(dict.fromkeys([*([] if known else [_author(told)]), *nameless]))


def _author(told: github.Commit.Commit) -> str:
    """The account; a commit whose address belongs to nobody has only the name written in it."""
    account = told.author
    login = account.login if account else None
    written = told.commit.author
    return login or (written and (login_of(written.email or "") or written.name)) or "unknown"


def _author_id(told: github.Commit.Commit) -> str | None:
    written = told.commit.author
    return str(told.author.id) if told.author else id_of((written and written.email) or "") or None


def _date(*signatures: GitAuthor | None) -> datetime:
    """The first that is there: GitHub may leave a signature or its date out."""
    found = next((each.date for each in signatures if each and each.date), None)
    if found is None:
        raise ValueError("a commit without any date")
    return found


def title_of(message: str | None) -> str:
    """The first line, bounded."""
    lines = (message or "").strip().splitlines()
    return lines[0].strip()[:TITLE_LENGTH] if lines else ""


def co_authors_of(message: str | None) -> tuple[str, ...]:
    """From the trailers: the login where GitHub's own address gives it, else the name; each once."""
    found = (login_of(each["email"]) or each["name"] or each["email"] for each in _trailers(message or ""))
    return tuple(dict.fromkeys(found))


def co_author_ids_of(message: str | None) -> tuple[str, ...]:
    """The numbers of their accounts, where GitHub's own address gives them."""
    found = (id_of(each["email"]) for each in _trailers(message or ""))
    return tuple(dict.fromkeys(each for each in found if each))


def _trailers(message: str) -> list[re.Match[str]]:
    """Those anywhere below the title: a squash merge leaves some above its last paragraph."""
    return list(_CO_AUTHOR.finditer(message.partition("\n")[2]))


def login_of(email: str) -> str:
    """`4321+octocat@users.noreply.github.com` is octocat; any other address tells no login."""
    match = _NO_REPLY.fullmatch(email)
    return match["login"] if match else ""


def id_of(email: str) -> str:
    """`4321+octocat@users.noreply.github.com` is account 4321; any other address tells no number."""
    match = _NO_REPLY.fullmatch(email)
    return (match["id"] or "") if match else ""


def pull_request_of(title: str) -> int | None:
    """The number that GitHub writes into the title of what it merged."""
    match = _MERGED.search(title) or _SQUASHED.search(title)
    return int(match[1]) if match else None
