"""A repository's commits and references: a real graph, small enough to walk."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

HEADS = "refs/heads/"
TAGS = "refs/tags/"


class FileStatus(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


@dataclass(frozen=True)
class FileChange:
    path: str
    status: FileStatus
    additions: int
    deletions: int


@dataclass(frozen=True)
class Signature:
    """Who wrote or committed; `login` is absent when no account has that address."""

    name: str
    email: str
    date: datetime
    login: str | None = None


@dataclass(frozen=True)
class Commit:
    sha: str
    message: str
    author: Signature
    committer: Signature
    parents: tuple[str, ...]
    changes: tuple[FileChange, ...]
    tree: Mapping[str, str]
    tree_sha: str
    order: int
    signed: bool = False  # by GitHub's own key, as what is merged on its pages is


@dataclass(frozen=True)
class TagObject:
    """An annotated tag."""

    sha: str
    name: str
    message: str
    tagger: Signature
    target: str


@dataclass(frozen=True)
class Comparison:
    merge_base: str
    ahead: tuple[Commit, ...]
    behind: tuple[Commit, ...]
    files: tuple[FileChange, ...]

    @property
    def status(self) -> str:
        if self.ahead and self.behind:
            return "diverged"
        return "ahead" if self.ahead else "behind" if self.behind else "identical"


@dataclass
class GitStore:
    """Commits by SHA, references by full name, annotated tags by SHA."""

    commits: dict[str, Commit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    tag_objects: dict[str, TagObject] = field(default_factory=dict)

    def commit(
        self,
        *,
        message: str,
        author: Signature,
        parents: tuple[str, ...] = (),
        files: Mapping[str, str | None] | None = None,
        sizes: Mapping[str, tuple[int, int]] | None = None,
        committer: Signature | None = None,
        signed: bool = False,
    ) -> Commit:
        """Add a commit; `files` maps a path to its new text, or to None when it is removed."""
        before = self.commits[parents[0]].tree if parents else {}
        tree, changes = _apply(before, files or {}, sizes or {})
        tree_sha = _sha(f"tree {sorted(tree.items())}")
        who = committer or author
        sha = _sha(f"commit {tree_sha} {parents} {author} {who} {message}")
        made = Commit(sha, message, author, who, parents, changes, tree, tree_sha, len(self.commits), signed)
        self.commits[sha] = made
        return made

    def tag(self, name: str, target: str, message: str, tagger: Signature) -> TagObject:
        """Add an annotated tag and point its reference at it."""
        made = TagObject(_sha(f"tag {name} {target} {message} {tagger}"), name, message, tagger, target)
        self.tag_objects[made.sha] = made
        self.refs[TAGS + name] = made.sha
        return made

    def peel(self, sha: str) -> str:
        """The commit behind an object: an annotated tag leads to its target."""
        return self.tag_objects[sha].target if sha in self.tag_objects else sha

    def ref_commit(self, full_name: str) -> Commit | None:
        sha = self.refs.get(full_name)
        return self.commits[self.peel(sha)] if sha else None

    def resolve(self, name: str) -> Commit | None:
        """What `/commits/{ref}` finds: branch, tag, `heads/x`, `tags/x`, full reference, SHA or its start."""
        for full in (HEADS + name, TAGS + name, "refs/" + name, name):
            if full in self.refs:
                return self.ref_commit(full)
        if name in self.commits:
            return self.commits[name]
        if len(name) >= 7 and all(c in "0123456789abcdef" for c in name):
            found = [c for sha, c in self.commits.items() if sha.startswith(name)]
            return found[0] if len(found) == 1 else None
        return None

    def reachable(self, *starts: str) -> set[str]:
        """Every commit that can be walked to from these, themselves included."""
        seen: set[str] = set()
        todo = deque(starts)
        while todo:
            sha = todo.popleft()
            if sha not in seen:
                seen.add(sha)
                todo.extend(self.commits[sha].parents)
        return seen

    def history(self, start: str) -> list[Commit]:
        """The commits reachable from one, newest first."""
        return _newest_first(self.commits[sha] for sha in self.reachable(start))

    def compare(self, base: str, head: str) -> Comparison | None:
        """Three-dot comparison; None when the two share no ancestor."""
        of_base, of_head = self.reachable(base), self.reachable(head)
        common = of_base & of_head
        if not common:
            return None
        merge_base = _best_common(self, common)
        ahead = tuple(reversed(_newest_first(self.commits[s] for s in of_head - of_base)))
        behind = tuple(reversed(_newest_first(self.commits[s] for s in of_base - of_head)))
        return Comparison(merge_base, ahead, behind, _sum_changes(ahead))

    def branches_at(self, sha: str) -> list[str]:
        return sorted(n.removeprefix(HEADS) for n, s in self.refs.items() if n.startswith(HEADS) and s == sha)


def object_sha(text: str) -> str:
    """The SHA git would name this file by."""
    data = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _apply(
    before: Mapping[str, str], files: Mapping[str, str | None], sizes: Mapping[str, tuple[int, int]]
) -> tuple[dict[str, str], tuple[FileChange, ...]]:
    tree, changes = dict(before), []
    for path, text in files.items():
        old = tree.pop(path, None)
        if text is not None:
            tree[path] = text
        status = (
            FileStatus.REMOVED if text is None else FileStatus.ADDED if old is None else FileStatus.MODIFIED
        )
        lines = (len((text or "").splitlines()), len((old or "").splitlines()))
        changes.append(FileChange(path, status, *sizes.get(path, lines)))
    return tree, tuple(changes)


def _newest_first(commits: Iterable[Commit]) -> list[Commit]:
    return sorted(commits, key=lambda c: (c.committer.date, c.order), reverse=True)


def _best_common(store: GitStore, common: set[str]) -> str:
    """A common ancestor that no other common ancestor descends from."""
    parents = {p for sha in common for p in store.commits[sha].parents}
    return _newest_first(store.commits[sha] for sha in common - parents)[0].sha


def _sum_changes(commits: Iterable[Commit]) -> tuple[FileChange, ...]:
    """What the commits change together; a file added and removed again is not named."""
    first: dict[str, FileStatus] = {}
    total: dict[str, FileChange] = {}
    for change in (c for commit in commits if len(commit.parents) < 2 for c in commit.changes):
        start = first.setdefault(change.path, change.status)
        old = total.get(change.path)
        status = _joined(start, change.status)
        added = change.additions + (old.additions if old else 0)
        removed = change.deletions + (old.deletions if old else 0)
        if status is None:
            total.pop(change.path, None)
            first.pop(change.path)
        else:
            total[change.path] = FileChange(change.path, status, added, removed)
    return tuple(sorted(total.values(), key=lambda c: c.path))


def _joined(first: FileStatus, last: FileStatus) -> FileStatus | None:
    if first is FileStatus.ADDED:
        return None if last is FileStatus.REMOVED else FileStatus.ADDED
    return FileStatus.REMOVED if last is FileStatus.REMOVED else FileStatus.MODIFIED
