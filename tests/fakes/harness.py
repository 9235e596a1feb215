"""Arranges the fake forge for the contract suite."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.checks import Check, CheckState, FromAccount, FromApp
from bot.core.ports import Clock
from bot.core.runs import RUN_ENDS, Run, RunRef, RunStatus
from bot.core.values import Sha
from tests.fakes.forge import FakeCi, FakeCode, FakeDoors, FakeForge, FakePins
from tests.fakes.git import HEADS


@dataclass
class FakeHarness:
    """Every run succeeds unless the next one is told to fail."""

    forge: FakeForge
    failing: bool = False

    @property
    def repository(self) -> str:
        return self.forge.full_name

    @property
    def clock(self) -> Clock:
        return self.forge.clock

    @property
    def code(self) -> FakeCode:
        return self.forge.code

    @property
    def pins(self) -> FakePins:
        return self.forge.pins

    @property
    def ci(self) -> FakeCi:
        return self.forge.ci

    @property
    def doors(self) -> FakeDoors:
        return self.forge.doors

    @property
    def dispatches(self) -> int:
        return self.forge.dispatches

    def tip(self) -> Sha:
        return self.forge.git.refs[HEADS + "main"]

    def forked(self) -> Sha:
        return next(each for each, node in self.forge.git.nodes.items() if node.told.author == "mallory")

    def commit(self, title: str, parents: tuple[Sha, ...], path: str = "notes.md") -> Sha:
        return self.forge.git.commit(title, "linus", self.clock.now(), parents, (path,))

    def point(self, full_name: str, at: Sha) -> None:
        self.forge.git.refs[full_name] = at

    def lose_answers(self) -> None:
        self.forge.lose_answers = 1

    async def check(self, at: Sha, name: str, app: str, conclusion: str) -> None:
        self._say(at, name, FromApp(app), conclusion)

    async def status(self, at: Sha, name: str, login: str, state: str) -> None:
        self._say(at, name, FromAccount(login), state)

    def _say(self, at: Sha, name: str, source: FromApp | FromAccount, word: str) -> None:
        states = {"success": CheckState.GREEN, "pending": CheckState.PENDING}
        state = states.get(word, CheckState.NOT_GREEN)
        self.forge.checks.append((at, Check(len(self.forge.checks) + 1, name, source, state, word)))

    async def go_down(self) -> None:
        self.forge.down = True

    async def hold_next(self) -> None:
        """Runs stay where they are until they are told to go on."""

    async def fail_next(self) -> None:
        self.failing = True

    async def hide_new_runs(self) -> None:
        self.forge.hide_new_runs = True

    async def disable(self, workflow: str) -> None:
        self.forge.workflows[workflow] = replace(self.forge.workflows[workflow], disabled=True)

    async def rerun(self, ref: RunRef) -> None:
        self.forge.rerun(ref)

    async def settled(self, ref: RunRef) -> Run:
        if self.forge.runs[ref.external_id].run.status not in RUN_ENDS:
            step = "Roll out" if self.failing else ""
            self.forge.set_status(ref, RunStatus.FAILURE if self.failing else RunStatus.SUCCESS, step)
        return self.forge.runs[ref.external_id].run
