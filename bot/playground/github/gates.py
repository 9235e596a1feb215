"""The doors of environments: jobs that wait there, who is asked, and who lets them in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.playground.github.events import Events
from bot.playground.github.model import Approval, Deployment, Door, Environment, Job, Run, User
from bot.playground.github.names import Gate, Guard, Status
from bot.playground.github.site import Site
from bot.playground.github.world import Repository

LONGEST_WAIT = timedelta(days=30)
MOST_REPORTS = 10


class Gates:
    """Each job that names a guarded environment stands before a door of its own, again in each attempt."""

    def __init__(self, site: Site, events: Events) -> None:
        self._site, self._events = site, events
        self.trouble = 0  # so many answers of the App are not taken

    def waiting(self, run: Run) -> list[Door]:
        """The doors that jobs of the latest attempt stand before."""
        jobs = {job.id for job in run.latest.jobs if job.status is Status.WAITING}
        return [door for door in run.doors if door.job.id in jobs and door.verdict is None]

    async def refusal(
        self, repo: Repository, run: Run, job: Job, environment: Environment, made: Deployment
    ) -> str | None:
        """Wait for everybody who is asked; why the job may not enter, if somebody or the clock says no."""
        asked = _asked(environment)
        if not asked:
            return None
        door = Door(job, made, environment, asked, self._site.clock.now())
        run.doors.append(door)
        job.status = run.latest.status = Status.WAITING
        self._ask(repo, run, door)
        timer = asyncio.create_task(self._give_up(door))
        try:
            await door.decided.wait()
        finally:
            timer.cancel()
        job.status = Status.QUEUED
        if not any(other.status is Status.WAITING for other in run.latest.jobs):
            run.latest.status = Status.IN_PROGRESS
        return _why_not(door)

    def answer_rule(self, run: Run, doors: list[Door], state: Gate, who: User, comment: str) -> None:
        """The App's answer to its rule; it holds for every job that waits at this environment now."""
        self._record(doors, Guard.RULE, state)
        self._note(run, doors, state, who, comment)

    def report(self, run: Run, doors: list[Door], who: User, comment: str) -> None:
        """Words of the App that decide nothing."""
        for door in doors:
            door.reports += 1
        self._note(run, doors, Gate.PENDING, who, comment)

    def review(
        self, repo: Repository, run: Run, doors: list[Door], state: Gate, who: User, comment: str
    ) -> None:
        """A required reviewer says yes or no."""
        self._record(doors, Guard.REVIEWERS, state)
        self._note(run, doors, state, who, comment)
        self._events.reviewed(repo, run, doors, state, who, comment)

    def bypass(self, repo: Repository, run: Run, doors: list[Door], who: User, comment: str) -> None:
        """An administrator starts the waiting jobs, whoever else was asked."""
        for guard in Guard:
            self._record([door for door in doors if guard in door.open], guard, Gate.APPROVED)
        self._note(run, doors, Gate.APPROVED, who, comment)
        self._events.reviewed(repo, run, doors, Gate.APPROVED, who, comment)

    def expire(self, doors: list[Door]) -> None:
        """The 30 days are over: nobody may answer any more."""
        for door in doors:
            door.expired = True
            door.decided.set()
        self._site.note_change()

    def _ask(self, repo: Repository, run: Run, door: Door) -> None:
        self._events.workflow_job(repo, run, door.job, Status.WAITING)
        if Guard.RULE in door.asked:
            self._events.protection_rule(repo, run, door.deployment)
        if Guard.REVIEWERS in door.asked:
            self._events.review_requested(repo, run, door)
        self._site.note_change()

    async def _give_up(self, door: Door) -> None:
        await self._site.clock.sleep(LONGEST_WAIT.total_seconds())
        self.expire([door])

    def _record(self, doors: list[Door], guard: Guard, state: Gate) -> None:
        for door in doors:
            door.answers[guard] = state
            if door.verdict is not None:
                door.decided.set()

    def _note(self, run: Run, doors: list[Door], state: Gate, who: User, comment: str) -> None:
        """One entry of the run's history for each environment."""
        for name in dict.fromkeys(door.environment.name for door in doors):
            run.approvals.append(Approval(name, state, who, comment))
        self._site.note_change()


def _asked(environment: Environment) -> tuple[Guard, ...]:
    reviewers = (Guard.REVIEWERS,) if environment.reviewers else ()
    return reviewers + ((Guard.RULE,) if environment.custom_rule else ())


def _why_not(door: Door) -> str | None:
    if door.expired:
        return f"was not approved within {LONGEST_WAIT.days} days."
    if door.verdict is Gate.REJECTED:
        return "was rejected or didn't satisfy other protection rules."
    return None
