"""Jobs that name an environment: its gates, and the deployments GitHub makes for them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from bot.playground.github.events import Events
from bot.playground.github.gates import Gates
from bot.playground.github.git import TAGS
from bot.playground.github.job_logs import log_line
from bot.playground.github.model import Deployment, DeploymentStatus, Environment, Job, Run, User
from bot.playground.github.names import Conclusion, DeploymentState
from bot.playground.github.site import Site
from bot.playground.github.world import Repository


class Deploying:
    """Deployments with their statuses, and the way of a job into its environment."""

    def __init__(self, site: Site, events: Events, gates: Gates) -> None:
        self._site, self._events, self._gates = site, events, gates

    def environment(self, repo: Repository, name: str) -> Environment:
        """The environment of that name; GitHub makes one that is named for the first time."""
        if name not in repo.environments:
            number = self._site.world.number("environment") * 100
            repo.environments[name] = Environment(number, name, self._site.clock.now())
        return repo.environments[name]

    async def may_enter(self, repo: Repository, run: Run, job: Job) -> bool:
        """Wait for every gate of the job's environment; False when one of them stays shut."""
        name = job.environment or ""
        environment = self.environment(repo, name)
        if not admits(repo, environment, run.ref):
            why = f"is not allowed to deploy to {name} due to environment protection rules."
            self._refuse(job, f'"{run.head_branch}" {why}')
            return False
        made = self._create_for(repo, run, job)
        refusal = await self._gates.refusal(repo, run, job, environment, made)
        if refusal is not None:
            self._refuse(job, f"The deployment to {name} {refusal}")
        return refusal is None

    def _refuse(self, job: Job, why: str) -> None:
        job.log.append(log_line(self._site.clock.now(), f"##[error]{why}"))

    def create(self, repo: Repository, made: Deployment, run: Run | None) -> None:
        """Add a deployment and tell of it."""
        repo.deployments[made.id] = made
        self._events.deployment(repo, made, run)

    def set_status(
        self, repo: Repository, made: Deployment, status: DeploymentStatus, run: Run | None
    ) -> None:
        """Add a status; a success makes the older ones of the environment inactive."""
        made.statuses.append(status)
        self._events.deployment_status(repo, made, status, run)
        if status.state is not DeploymentState.SUCCESS:
            return
        for other in repo.deployments.values():
            active = bool(other.statuses) and other.statuses[-1].state is DeploymentState.SUCCESS
            if active and other.id < made.id and other.environment == made.environment:
                other.statuses.append(self._status(DeploymentState.INACTIVE, made.creator, ""))

    def started(self, repo: Repository, run: Run, job: Job) -> None:
        self._follow(repo, run, job, DeploymentState.IN_PROGRESS)

    def ended(self, repo: Repository, run: Run, job: Job) -> None:
        """What became of the job is what becomes of its deployment."""
        ends = {
            Conclusion.SUCCESS: DeploymentState.SUCCESS,
            Conclusion.FAILURE: DeploymentState.FAILURE,
            Conclusion.CANCELLED: DeploymentState.ERROR,
        }
        if job.conclusion in ends:
            self._follow(repo, run, job, ends[job.conclusion])

    def _follow(self, repo: Repository, run: Run, job: Job, state: DeploymentState) -> None:
        made = self._of(repo, run, job)
        if made is not None:
            log_url = f"{self._site.urls.web}/{repo.full_name}/actions/runs/{run.id}/job/{job.id}"
            self.set_status(repo, made, self._status(state, made.creator, log_url), run)

    def _status(self, state: DeploymentState, who: User, log_url: str) -> DeploymentStatus:
        number, now = self._site.world.number("deployment_status"), self._site.clock.now()
        return DeploymentStatus(number, state, "", who, now, log_url)

    def _of(self, repo: Repository, run: Run, job: Job) -> Deployment | None:
        mine = (
            d for d in repo.deployments.values() if d.run_id == run.id and d.environment == job.environment
        )
        return max(mine, key=lambda d: d.id, default=None)

    def _create_for(self, repo: Repository, run: Run, job: Job) -> Deployment:
        made = Deployment(
            id=self._site.world.number("deployment"),
            repository_id=repo.id,
            sha=run.head_sha,
            ref=run.head_branch,
            environment=job.environment or "",
            creator=run.latest.actor,
            created_at=self._site.clock.now(),
            production=job.environment == "production",
            run_id=run.id,
        )
        self.create(repo, made, run)
        return made


def admits(repo: Repository, environment: Environment, ref: str) -> bool:
    """Whether the environment's reference policy lets this branch or tag in."""
    kind = "tag" if ref.startswith(TAGS) else "branch"
    name = ref.removeprefix(TAGS).removeprefix("refs/heads/")
    if environment.protected_branches:
        return kind == "branch" and name == repo.default_branch
    return not environment.policies or any(
        kind == of and fnmatchcase(name, pattern) for pattern, of in environment.policies
    )
