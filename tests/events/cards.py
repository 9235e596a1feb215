"""What must stand in the channels, and what may, by a second opinion that shares no code with the product.

It reads what the stand-in for GitHub did, and what stands in the stand-in for Slack. How an attempt ended is
always told. That one started may be told or not, as it may be over at the first look; and whether one
recovered hangs on which end was learned of first, where two of them lie close together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.playground.github.model import Attempt, Job, Run
from bot.playground.github.world import Repository
from bot.playground.slack.world import Message

RUN = re.compile(r"/actions/runs/(\d+)")
ATTEMPT = re.compile(r", attempt (\d+)[,:]")
LATE = timedelta(minutes=2)  # what ended so much earlier was surely on record
BADLY = ("failure", "timed_out", "startup_failure")
FAILURE, SUCCESS, CANCELLED, RECOVERED = "failure", "success", "cancelled", "recovered"
SAYS = {
    FAILURE: re.compile("failed( in |[.])"),
    RECOVERED: re.compile("works again[.]"),
}  # replies ...
WROTE, LOGGED = ": how ", "logged"  # ... beside the end of a log
WORDS = {FAILURE: "failed", SUCCESS: "succeeded", CANCELLED: "cancelled", "skipped": "skipped"}
STAGES = WORDS | {SUCCESS: "done"}
# Which services name a workflow of a repository as their own, and which there are; as storm.yml says it.
SERVICES = {"acme/api": ("api", "jobs"), "acme/web": ("web",)}
OWN = {
    ("acme/api", "deploy.yml"): ("api",),
    ("acme/api", "build.yml"): ("jobs",),
    ("acme/web", "deploy.yml"): ("web",),
}


@dataclass(frozen=True)
class Ear:
    """What a channel asked for."""

    channel: str
    words: str
    services: tuple[str, ...]
    topics: tuple[str, ...]
    branches: tuple[str, ...] = ("*",)
    deployments_alone: bool = False


QUIET = (FAILURE, RECOVERED)
EARS = (
    Ear("deploys", "api on=*", ("api",), ("started", SUCCESS, CANCELLED, *QUIET)),
    Ear("api-deploys", "jobs,web", ("jobs", "web"), QUIET),
    Ear("web-deploys", "web on=started branch=main", ("web",), ("started",), ("main",)),
    Ear("web-deploys", "jobs on=failure", ("jobs",), (FAILURE,)),
    Ear("audit", "api,web env=staging on=*", ("api", "web"), ("started", *WORDS), deployments_alone=True),
)


@dataclass(frozen=True)
class Wanted:
    """Of one run in one channel; what may be there includes what must."""

    must: bool
    may: bool
    replies: frozenset[tuple[int, str]]  # attempt and topic
    allowed: frozenset[tuple[int, str]]
    parts: tuple[str, ...]  # all of which the card says
    first: str  # with which its text begins


class Opinion:
    """Over all runs of the storm."""

    def __init__(self, started: Sequence[tuple[Repository, Run]], own_login: str) -> None:
        self._started = started
        self._own = own_login

    def flaws(self, channel: str, messages: Iterable[Message]) -> list[str]:
        """What is missing, doubled, wrong or out of date in this channel."""
        said = list(messages)
        roots = {each.ts: each for each in said if not each.is_reply}
        found = Counter(_run_of(each) for each in roots.values())
        flaws = [f"#{channel} has {many} cards of run {run}" for run, many in found.items() if many > 1]
        known = {run.id for _, run in self._started}
        flaws += [f"#{channel} has a card of {each}" for each in found if each not in known]
        for repo, run in self._started:
            wanted = self._wanted(channel, repo, run)
            cards = [each for each in roots.values() if _run_of(each) == run.id]
            replies = [each for each in said if each.is_reply and _run_of(each) == run.id]
            flaws += [f"#{channel}, run {run.id}: {each}" for each in _compared(wanted, cards, replies)]
        return flaws

    def _wanted(self, channel: str, repo: Repository, run: Run) -> Wanted:
        musts, mays, replies, allowed = False, False, set(), set()
        for attempt in run.attempts:
            end = _end(attempt)
            must, may = self._recovered(repo, run, attempt) if end == SUCCESS else (False, False)
            for ear in self._ears(channel, repo, run):
                musts |= end in ear.topics or (must and RECOVERED in ear.topics)
                mays |= "started" in ear.topics or (may and RECOVERED in ear.topics)
                replies |= {(attempt.number, FAILURE)} if end == FAILURE and FAILURE in ear.topics else set()
                replies |= {(attempt.number, RECOVERED)} if must and RECOVERED in ear.topics else set()
                allowed |= {(attempt.number, RECOVERED)} if may and RECOVERED in ear.topics else set()
                allowed |= {(attempt.number, LOGGED)} if end == FAILURE and FAILURE in ear.topics else set()
        return Wanted(
            musts,
            musts or mays,
            frozenset(replies),
            frozenset(replies | allowed),
            tuple(_parts(repo, run)),
            _first(repo, run),
        )

    def _ears(self, channel: str, repo: Repository, run: Run) -> Iterator[Ear]:
        """Of what our own account started of a workflow that the catalog names, nobody hears."""
        file = run.path.rpartition("/")[2]
        own = OWN.get((repo.full_name, file))
        if own and run.actor.login == self._own:
            return
        services = own or SERVICES[repo.full_name]
        for ear in EARS:
            fits = any(fnmatchcase(run.head_branch, each) for each in ear.branches)
            asked = ear.channel == channel and not ear.deployments_alone
            if asked and fits and set(services) & set(ear.services):
                yield ear

    def _recovered(self, repo: Repository, run: Run, attempt: Attempt) -> tuple[bool, bool]:
        """Whether it must be told, and whether it may: by each run that may have been the last one known.

        One that was overtaken tells only of its own attempts; where both lie close together, either may be.
        """
        overtaken = [each.updated_at for each in self._after(repo, run)]
        outcomes = []
        for end, ended_at, same_run in self._before(repo, run, attempt):
            known = same_run or not any(each < attempt.updated_at - LATE for each in overtaken)
            outcomes.append(end == FAILURE and known)
            if not same_run and any(each < attempt.updated_at + LATE for each in overtaken):
                outcomes.append(False)
            if same_run or ended_at < attempt.updated_at - LATE:
                break
        else:
            outcomes.append(False)
        return all(outcomes), any(outcomes)

    def _after(self, repo: Repository, run: Run) -> list[Attempt]:
        """The ends that count of later runs of the same workflow and branch."""
        return [
            each
            for home, other in self._started
            for each in other.attempts
            if (home, other.path, other.head_branch) == (repo, run.path, run.head_branch)
            if other.number > run.number and _end(each) in (SUCCESS, FAILURE)
        ]

    def _before(self, repo: Repository, run: Run, attempt: Attempt) -> list[tuple[str, datetime, bool]]:
        """The ends that count, the nearest first: of the same run, workflow and branch."""
        line = [
            ((other.number, each.number), _end(each), each.updated_at, other is run)
            for home, other in self._started
            for each in other.attempts
            if (home, other.path, other.head_branch) == (repo, run.path, run.head_branch)
        ]
        here = (run.number, attempt.number)
        earlier = [each for each in line if each[0] < here and each[1] in (SUCCESS, FAILURE)]
        return [each[1:] for each in sorted(earlier, key=lambda each: each[0], reverse=True)]


def _compared(wanted: Wanted, cards: list[Message], replies: list[Message]) -> Iterator[str]:
    if wanted.must and not cards:
        yield "its card is missing"
    if cards and not wanted.may:
        yield "there is a card that nobody asked for"
    for card in cards:
        shown = f"{card.text} {card.blocks}"
        if not card.text.startswith(wanted.first):
            yield f"its card says {card.text!r} and not {wanted.first!r}"
        yield from (f"its card lacks {part!r}" for part in wanted.parts if part not in shown)
    told = Counter(_said(each) for each in replies)
    yield from (f"{each} is said {many} times" for each, many in told.items() if many > 1)
    yield from (f"{each} is not said" for each in wanted.replies - told.keys())
    yield from (f"{each} is said in vain" for each in told.keys() - wanted.allowed)
    threads = {card.ts for card in cards}
    yield from (f"{each.text!r} stands elsewhere" for each in replies if each.thread_ts not in threads)


def _said(reply: Message) -> tuple[int, str]:
    number = ATTEMPT.search(reply.text)
    topic = next((topic for topic, words in SAYS.items() if words.search(reply.text)), reply.text)
    return int(number[1]) if number else 1, LOGGED if WROTE in reply.text else topic


def _run_of(message: Message) -> int:
    found = RUN.search(str(message.blocks))
    return int(found[1]) if found else 0


def _first(repo: Repository, run: Run) -> str:
    again = f", attempt {run.latest.number}" if run.latest.number > 1 else ""
    end = _end(run.latest)
    return f"{run.workflow_name} on {run.head_branch} of {repo.full_name}{again}: {WORDS.get(end, end)}"


def _parts(repo: Repository, run: Run) -> Iterator[str]:
    """The commit, who it was, and how each job ended."""
    yield run.head_sha[:7]
    yield repo.git.commits[run.head_sha].message.splitlines()[0]
    yield run.latest.actor.login
    for job in run.latest.listed:
        yield f"{job.name}: {STAGES.get(_conclusion(job), '?')}"


def _end(attempt: Attempt) -> str:
    """How it ended; empty while it has not."""
    jobs = {_conclusion(each) for each in attempt.listed}
    end = _conclusion(attempt)
    return "skipped" if end == SUCCESS and jobs == {"skipped"} else end


def _conclusion(one: Attempt | Job) -> str:
    if one.status != "completed":
        return ""
    return FAILURE if one.conclusion in BADLY else str(one.conclusion)
