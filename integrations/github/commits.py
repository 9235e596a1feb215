"""Commits as GitHub tells them, turned into ours. All of it runs in a client's thread."""

from __future__ import annotations

import re
from datetime import datetime

import github.Commit
from github.GitAuthor import GitAuthor
from github.NamedUser import NamedUser
from github.PullRequest import PullRequest

from bot.core.code import Commit
from bot.core.commit_words import fixes_of, reverts_of
from bot.core.values import sha

TITLE_LENGTH = 200
WEB_FLOW = "web-flow"
# Nothing is given back: a line of spaces would cost the cube of its length.
_CO_AUTHOR = re.compile(r"^co-authored-by:\s*+(?P<name>[^<\n]*+)\s*+<(?P<email>[^>\s]++)>\s*$", re.I | re.M)
_NO_REPLY = re.compile(
    r"(?:(?P<id>\d+)\+)?(?P<login>[A-Za-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com", re.I
)
_SQUASHED = re.compile(r"\(#(\d{1,9})\)$", re.ASCII)
_MERGED = re.compile(r"^Merge pull request #(\d{1,9}) from ", re.ASCII)


class Merges:
    """Who merged the pull requests that commits came by; each pull request is asked for once."""

    def __init__(self) -> None:
        self._known: dict[int, NamedUser | None] = {}

    def of(self, told: github.Commit.Commit) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """Their logins and the numbers of their accounts; None where GitHub does not say it of each."""
        people = [self._merger(pull) for pull in told.get_pulls() if pull.merged_at]
        found = [each for each in people if each is not None and each.login]
        if len(found) < len(people):
            return None, ()
        persons = {each.login: str(each.id) for each in found if not _is_bot(each.login)}
        return tuple(persons), tuple(persons.values())

    def _merger(self, pull: PullRequest) -> NamedUser | None:
        """A list does not tell it: looking makes the library read the pull request itself."""
        if pull.number not in self._known:
            self._known[pull.number] = pull.merged_by
        return self._known[pull.number]


def commit_of(told: github.Commit.Commit, merges: Merges | None = None) -> Commit:
    """The commit with what its message says about co-authors and its pull request."""
    inner = told.commit
    committer, committer_id = _committer(told)
    mergers, merger_ids = merges.of(told) if merges else (None, ())
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
        committer=committer,
        committer_id=committer_id,
        mergers=mergers,
        merger_ids=merger_ids,
        reverts=reverts_of(inner.message),
        fixes=fixes_of(inner.message),
    )


def _unknown(told: github.Commit.Commit) -> tuple[str, ...]:
    """Whom no account is known of: what stands in their place is a name that anybody can write."""
    account = told.author
    written = told.commit.author
    known = bool(account and account.login) or bool(written and login_of(written.email or ""))
    nameless = [name or email for name, email in _trailers(told.commit.message or "") if not login_of(email)]
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


def _committer(told: github.Commit.Commit) -> tuple[str | None, str | None]:
    """The account and its number; none where only a name is known.

    GitHub commits by itself what is merged or edited on its pages, and bots commit too: these are no persons.
    But everybody can write their addresses into a commit, so it takes GitHub's own signature.
    """
    account, written = told.committer, told.commit.committer
    email = (written and written.email) or ""
    login = (account and account.login) or login_of(email)
    if login == WEB_FLOW or _is_bot(login):
        signed = told.commit.verification
        return ("" if signed is not None and signed.verified else None), None
    return login or None, str(account.id) if account else id_of(email) or None


def _is_bot(login: str) -> bool:
    return login.endswith("[bot]")


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
    found = (login_of(email) or name or email for name, email in _trailers(message or ""))
    return tuple(dict.fromkeys(found))


def co_author_ids_of(message: str | None) -> tuple[str, ...]:
    """The numbers of their accounts, where GitHub's own address gives them."""
    found = (id_of(email) for _, email in _trailers(message or ""))
    return tuple(dict.fromkeys(each for each in found if each))


def _trailers(message: str) -> list[tuple[str, str]]:
    """Name and address, anywhere below the title: a squash merge leaves some above its last paragraph."""
    found = _CO_AUTHOR.finditer(message.partition("\n")[2])
    return [(each["name"].strip(), each["email"]) for each in found]


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
