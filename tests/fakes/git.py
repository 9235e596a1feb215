"""A small history in memory: commits, references, what is reachable from what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.code import Commit as CoreCommit
from bot.core.code import Comparison, Direction, RefKind, ResolvedRef
from bot.core.errors import UserError
from bot.core.values import Sha, sha

HEADS, TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class Node:
    """A commit and where it comes from."""

    told: CoreCommit
    parents: tuple[Sha, ...]
    paths: tuple[str, ...]


@dataclass
class FakeGit:
    """Commits by SHA and references by full name, oldest first."""

    nodes: dict[Sha, Node] = field(default_factory=dict)
    refs: dict[str, Sha] = field(default_factory=dict)

    def commit(
        self, title: str, author: str, at: datetime, parents: tuple[Sha, ...], paths: Iterable[str] = ()
    ) -> Sha:
        """Add a commit that no reference names yet."""
        made = sha(hashlib.sha1(f"{len(self.nodes)} {title}".encode(), usedforsecurity=False).hexdigest())
        told = CoreCommit(made, title, author, at, at, f"https://code.test/commit/{made}", len(parents) > 1)
        self.nodes[made] = Node(told, parents, tuple(paths))
        return made

    def reachable(self, *starts: Sha) -> set[Sha]:
        """Everything that can be walked to, the starts included."""
        seen: set[Sha] = set()
        todo = list(starts)
        while todo:
            each = todo.pop()
            if each not in seen:
                seen.add(each)
                todo.extend(self.nodes[each].parents)
        return seen

    def resolve(self, repository: str, name: str) -> ResolvedRef:
        """One thing of that name, or a UserError."""
        found = [
            ResolvedRef(kind, name.removeprefix(start), self.refs[full])
            for start, kind in ((HEADS, RefKind.BRANCH), (TAGS, RefKind.TAG))
            if (full := name if name.startswith(start) else start + name) in self.refs
        ]
        shas = [each for each in self.nodes if len(name) >= 7 and each.startswith(name.lower())]
        if len(shas) == 1 and all(each.sha != shas[0] for each in found):
            found.append(ResolvedRef(RefKind.COMMIT, shas[0], shas[0]))
        if len(found) == 1:
            return found[0]
        if found:
            ways = " or ".join(each.qualified for each in found)
            raise UserError(f"{name} is more than one thing in {repository}.", next=f"Write {ways}.")
        near = [each.partition("/")[2].partition("/")[2] for each in self.refs if _near(name, each)]
        raise UserError(
            f"{repository} has no {name!a}.", next=f"Did you mean {' or '.join(near) or 'another'}?"
        )

    def compare(self, base: Sha, head: Sha) -> Comparison:
        """What `head` has that `base` has not. A base that was swept away is no error at the code host."""
        if base not in self.nodes:
            return Comparison(Direction.UNRELATED, (), (), 0, truncated=True, url="")
        ahead = [each for each in self.nodes if each in self.reachable(head) - self.reachable(base)]
        behind = self.reachable(base) - self.reachable(head)
        direction = {
            (True, True): Direction.DIVERGED,
            (True, False): Direction.AHEAD,
            (False, True): Direction.BEHIND,
            (False, False): Direction.IDENTICAL,
        }[bool(ahead), bool(behind)]
        if not self.reachable(head) & self.reachable(base):
            return Comparison(Direction.UNRELATED, (), (), 0, truncated=True, url="")
        paths = sorted({path for each in ahead for path in self.nodes[each].paths})
        commits = tuple(self.nodes[each].told for each in ahead)
        url = f"https://code.test/compare/{base}...{head}"
        return Comparison(direction, commits, tuple(paths), len(commits), False, url, len(behind))


def select(refs: Mapping[str, Sha], branches: Iterable[str], ours: str) -> list[Sha]:
    """The tips of these branches; none named: of every branch and tag that is not one of our pins."""
    wanted = [HEADS + name for name in branches]
    if wanted:
        return [refs[name] for name in wanted if name in refs]
    return [at for name, at in refs.items() if not name.startswith(TAGS + ours)]


def _near(name: str, full: str) -> bool:
    return sorted(name) == sorted(full.removeprefix(HEADS).removeprefix(TAGS))
