"""A code host with pipelines in memory: the ports CodeHost, Pins and CiProvider over one shared state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase

from bot.core.checks import Check, Checks, newest
from bot.core.code import Commit, Comparison, Repository, ResolvedRef
from bot.core.errors import Ambiguous, NeedsHuman, Transient
from bot.core.gate_runs import GateDecision, GateView, GateWord, Starts
from bot.core.pipelines import AcceptedInput, InputType
from bot.core.ports import Clock
from bot.core.runs import RUN_ENDS, Receipt, Run, RunRef, RunStatus, Stage, TriggerSpec
from bot.core.values import OperationKey, Sha
from tests.fakes.git import HEADS, TAGS, FakeGit, select

PINS = "slipway/"


@dataclass(frozen=True)
class FakeWorkflow:
    """A workflow: the inputs it knows, and the jobs it has."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ("build", "deploy")
    disabled: bool = False
    dispatchable: bool = True
    tags: str = ""  # the pattern of those whose push starts it


@dataclass
class FakeRun:
    """A run, the dispatch that made it, and whether anybody is shown it yet."""

    run: Run
    spec: TriggerSpec
    created_at: datetime
    hidden: bool = False


@dataclass
class FakeForge:
    """The state of one repository; tests change it, the ports read it."""

    clock: Clock
    full_name: str = "acme/api"
    git: FakeGit = field(default_factory=FakeGit)
    workflows: dict[str, FakeWorkflow] = field(default_factory=dict)
    runs: dict[str, FakeRun] = field(default_factory=dict)
    checks: list[tuple[Sha, Check]] = field(default_factory=list)
    down: bool = False  # nothing reaches it
    lose_answers: int = 0  # so many writes take effect and are not answered
    hide_new_runs: bool = False
    dispatches: int = 0
    barred: dict[str, str] = field(default_factory=dict)  # the gate at which a run waits for us
    told: list[tuple[str, str, GateWord, str]] = field(default_factory=list)  # run, gate, word, comment
    decided: list[GateDecision] = field(default_factory=list)  # by people there

    @property
    def code(self) -> FakeCode:
        return FakeCode(self)

    @property
    def pins(self) -> FakePins:
        return FakePins(self)

    @property
    def ci(self) -> FakeCi:
        return FakeCi(self)

    @property
    def doors(self) -> FakeDoors:
        return FakeDoors(self)

    def reach(self, repository: str) -> None:
        """Fail as a call to that repository would before it had any effect."""
        if self.down:
            raise Transient("The code host cannot be reached.", system="fake")
        if repository != self.full_name:
            raise NeedsHuman(f"There is no repository {repository}.", "", "Check slipway.yml.")

    def answer(self) -> None:
        """Lose the answer to a write, if that was asked for."""
        if self.lose_answers:
            self.lose_answers -= 1
            raise Ambiguous("The answer was lost.", system="fake")

    def set_status(self, ref: RunRef, status: RunStatus, failed_step: str = "") -> None:
        """Bring a run and all its stages to this status."""
        mine = self.runs[ref.external_id]
        stages = tuple(replace(each, status=status, detail=failed_step) for each in mine.run.stages)
        ended = self.clock.now() if status in RUN_ENDS else None
        mine.run = replace(mine.run, status=status, raw_status=status, stages=stages, ended_at=ended)

    def wait_at(self, ref: RunRef, gate: str) -> None:
        """Let it wait for our answer."""
        self.barred[ref.external_id] = gate
        self.set_status(ref, RunStatus.WAITING)

    def rerun(self, ref: RunRef) -> None:
        """Start it again under the same id."""
        mine = self.runs[ref.external_id]
        mine.run = replace(mine.run, attempt=mine.run.attempt + 1)
        self.set_status(ref, RunStatus.QUEUED)


@dataclass(frozen=True)
class FakeCode:
    """CodeHost."""

    forge: FakeForge

    async def repository(self, repository: str) -> Repository:
        self.forge.reach(repository)
        return Repository(1, repository, "main", f"https://code.test/{repository}")

    async def resolve(self, repository: str, ref: str) -> ResolvedRef:
        self.forge.reach(repository)
        return self.forge.git.resolve(repository, ref)

    async def commit(self, repository: str, sha: Sha, *, mergers: bool = False) -> Commit:  # noqa: ARG002
        self.forge.reach(repository)
        if sha not in self.forge.git.nodes:
            raise NeedsHuman(f"{repository} has no commit {sha}.")
        return self.forge.git.nodes[sha].told

    async def compare(
        self,
        repository: str,
        base: Sha,
        head: Sha,
        *,
        mergers: bool = False,  # noqa: ARG002
    ) -> Comparison:
        self.forge.reach(repository)
        if head not in self.forge.git.nodes:
            raise NeedsHuman(f"{repository} has no commit {head}.")
        return self.forge.git.compare(base, head)

    async def reachable(self, repository: str, sha: Sha, branches: Sequence[str]) -> bool:
        self.forge.reach(repository)
        return sha in self.forge.git.reachable(*select(self.forge.git.refs, branches, PINS))

    async def checks(self, repository: str, sha: Sha, names: Collection[str]) -> Checks:
        self.forge.reach(repository)
        return newest(check for at, check in self.forge.checks if at == sha and check.name in names)


@dataclass(frozen=True)
class FakePins:
    """Pins."""

    forge: FakeForge

    async def create(self, repository: str, key: OperationKey, sha: Sha) -> None:
        self.forge.reach(repository)
        if sha not in self.forge.git.nodes:
            raise NeedsHuman(f"{repository} has no commit {sha}.")
        standing = self.forge.git.refs.setdefault(TAGS + PINS + key, sha)
        if standing != sha:
            raise NeedsHuman(f"The tag {PINS}{key} stands at {standing}.")
        self.forge.answer()

    async def read(self, repository: str, key: OperationKey) -> Sha | None:
        self.forge.reach(repository)
        return self.forge.git.refs.get(TAGS + PINS + key)

    async def delete(self, repository: str, key: OperationKey) -> None:
        self.forge.reach(repository)
        self.forge.git.refs.pop(TAGS + PINS + key, None)
        self.forge.answer()


@dataclass(frozen=True)
class FakeCi:
    """CiProvider."""

    forge: FakeForge

    async def trigger(self, spec: TriggerSpec) -> Receipt:
        forge = self.forge
        forge.reach(spec.repository)
        if spec.pushes:
            return self._pushed(spec)
        run = self._started(spec, self._accepted(spec))
        forge.answer()
        return Receipt(run)

    def _pushed(self, spec: TriggerSpec) -> Receipt:
        """Make a tag, which starts whatever listens to such a name."""
        forge, new = self.forge, spec.ref not in self.forge.git.refs
        standing = forge.git.refs.setdefault(spec.ref, spec.workflow_sha)
        if standing != spec.workflow_sha:
            raise NeedsHuman(f"The tag {spec.ref} stands at {standing}.")
        for name, workflow in forge.workflows.items() if new else ():
            if fnmatchcase(spec.ref.removeprefix(TAGS), workflow.tags):
                self._started(replace(spec, workflow=name), workflow)
        forge.answer()
        return Receipt(None)

    def _started(self, spec: TriggerSpec, workflow: FakeWorkflow) -> RunRef:
        forge = self.forge
        forge.dispatches += 1
        ref = RunRef(spec.provider, spec.repository, str(len(forge.runs) + 1))
        url, stages = (
            f"https://code.test/runs/{ref.external_id}",
            (Stage(n, RunStatus.QUEUED) for n in workflow.jobs),
        )
        title = f"{spec.workflow} [{dict(spec.inputs).get('operation', '')}]"
        head, now = forge.git.refs[spec.ref], forge.clock.now()
        run = Run(ref, 1, RunStatus.QUEUED, head, url, title, RunStatus.QUEUED, tuple(stages), now)
        forge.runs[ref.external_id] = FakeRun(run, spec, now, hidden=forge.hide_new_runs)
        return ref

    def _accepted(self, spec: TriggerSpec) -> FakeWorkflow:
        workflow, given = self.forge.workflows.get(spec.workflow), dict(spec.inputs)
        if workflow is None:
            raise NeedsHuman(f"There is no workflow {spec.workflow}.", "", "Check slipway.yml.")
        if workflow.disabled:
            raise NeedsHuman(f"{spec.workflow} is disabled.", "", "Enable it.")
        if not workflow.dispatchable:
            raise NeedsHuman(f"{spec.workflow} has no workflow_dispatch trigger.", "", "Add it.")
        if spec.ref not in self.forge.git.refs:
            raise NeedsHuman(f"There is no reference {spec.ref}.", "", "Ask again.")
        if unknown := set(given) - {*workflow.required, *workflow.optional}:
            raise NeedsHuman(
                f"{spec.workflow} does not know the input {', '.join(unknown)}.", "", "Declare it."
            )
        if missing := set(workflow.required) - set(given):
            raise NeedsHuman(f"{spec.workflow} requires the input {', '.join(missing)}.", "", "Send it.")
        return workflow

    async def find(self, spec: TriggerSpec, since: datetime) -> RunRef | None:
        self.forge.reach(spec.repository)
        shown = [
            each
            for each in self.forge.runs.values()
            if not each.hidden and each.spec.workflow == spec.workflow
        ]
        if spec.pinned:
            found = [each for each in shown if each.spec.ref == spec.ref]
        else:
            found = [each for each in shown if spec.key in each.run.title and each.created_at >= since]
        return found[0].run.ref if len(found) == 1 else None

    async def observe(self, ref: RunRef) -> Run | None:
        self.forge.reach(ref.repository)
        mine = self.forge.runs.get(ref.external_id)
        return mine.run if mine and not mine.hidden else None

    async def cancel(self, ref: RunRef) -> None:
        self.forge.reach(ref.repository)
        mine = self.forge.runs.get(ref.external_id)
        if mine is None:
            raise NeedsHuman(f"There is no run {ref.external_id}.")
        if mine.run.status not in RUN_ENDS:
            self.forge.set_status(ref, RunStatus.CANCELLED)
        self.forge.answer()

    async def gates(self, ref: RunRef) -> GateView | None:
        run = await self.observe(ref)
        if run is None:
            return None
        spec, gate = self.forge.runs[ref.external_id].spec, self.forge.barred.get(ref.external_id)
        waits = frozenset({gate} if gate and run.status not in RUN_ENDS else ())
        return GateView(
            run=run,
            workflow=f".github/workflows/{spec.workflow}",
            event="push" if spec.pushes else "workflow_dispatch",
            actor="linus",
            actor_id="1",
            branch=spec.ref.removeprefix(TAGS).removeprefix(HEADS),
            waits=waits,
            ours=waits,
            decisions=tuple(self.forge.decided),
        )

    async def answer(self, ref: RunRef, gate: str, word: GateWord, comment: str) -> bool:
        self.forge.reach(ref.repository)
        if self.forge.barred.get(ref.external_id) != gate:
            return False
        del self.forge.barred[ref.external_id]
        self.forge.told.append((ref.external_id, gate, word, comment))
        status = RunStatus.RUNNING if word is GateWord.APPROVED else RunStatus.FAILURE
        self.forge.set_status(ref, status)
        self.forge.answer()
        return True


@dataclass(frozen=True)
class FakeDoors:
    """Doors."""

    forge: FakeForge

    async def waiting(self, repository: str, workflow: str, sha: Sha) -> tuple[GateView, ...]:
        self.forge.reach(repository)
        live = [
            each.run.ref
            for each in self.forge.runs.values()
            if each.spec.workflow == workflow and each.run.head_sha == sha and each.run.status not in RUN_ENDS
        ]
        views = [await self.forge.ci.gates(ref) for ref in reversed(live)]
        return tuple(view for view in views if view is not None)

    async def starts(self, repository: str, workflow: str, sha: Sha) -> Starts | None:
        self.forge.reach(repository)
        found = self.forge.workflows.get(workflow) if sha in self.forge.git.nodes else None
        tags = (found.tags,) if found and found.tags else ()
        return Starts((), tags, found.dispatchable) if found else None

    async def accepts(self, repository: str, workflow: str, sha: Sha) -> tuple[AcceptedInput, ...] | None:
        self.forge.reach(repository)
        found = self.forge.workflows.get(workflow) if sha in self.forge.git.nodes else None
        if found is None or not found.dispatchable:
            return None
        return tuple(
            AcceptedInput(name, InputType.STRING, required=name in found.required)
            for name in (*found.required, *found.optional)
        )


def seeded(clock: Clock) -> FakeForge:
    """A repository with a short history, a release, and a workflow to deploy it with."""
    forge = FakeForge(clock)
    first = forge.git.commit("Start", "ada", clock.now(), ())
    tip = forge.git.commit("Add refunds (#12)", "grace", clock.now(), (first,), ("src/app.py",))
    forge.git.refs |= {HEADS + "main": tip, TAGS + "v1.0.0": first}
    forge.git.commit("Print the environment", "mallory", clock.now(), (tip,))
    forge.workflows["release.yml"] = FakeWorkflow(tags="v*", dispatchable=False)
    forge.workflows["deploy.yml"] = FakeWorkflow(("environment", "version"), ("operation",))
    return forge
