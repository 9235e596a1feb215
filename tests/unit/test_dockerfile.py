"""What the image promises, read from its recipe."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch

from tests.sources import ROOT


@dataclass
class Stage:
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [rest for each, rest in self.instructions if each == word]

    def last(self, word: str) -> str:
        return self.all(word)[-1]


def stages() -> list[Stage]:
    recipe = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(str.strip, recipe.splitlines()):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            found.append(Stage(rest.split()[0]))
        else:
            found[-1].instructions.append((word, rest.strip()))
    return found


BUILDER, IMAGE = stages()


def test_both_stages_have_the_same_python() -> None:
    assert BUILDER.base == IMAGE.base == "python:3.11-slim"


def test_the_image_runs_as_a_numbered_user_who_is_not_root() -> None:
    assert int(IMAGE.last("USER")) > 0
    words = [word for word, _ in IMAGE.instructions]
    assert not {"RUN", "COPY", "ADD"} & set(words[words.index("USER") :]), "something happens as this user"


def test_the_image_takes_the_environment_and_nothing_else() -> None:
    assert IMAGE.all("COPY") == ["--from=builder /opt/slipway /opt/slipway"]
    assert IMAGE.all("ADD") == []
    assert not re.search(r"\b(pip|apt-get|gcc|uv)\b", " ".join(IMAGE.all("RUN")))


def test_what_runs_is_checked_against_the_lock() -> None:
    installs = [run for run in BUILDER.all("RUN") if "--requirement" in run]
    assert len(installs) == 2
    assert all("--require-hashes" in run and "--only-binary=:all:" in run for run in installs)


def test_the_build_tools_named_in_the_recipe_are_locked() -> None:
    named = re.search(r"\^\(([^)]+)\)==", " ".join(BUILDER.all("RUN")))
    assert named is not None
    lock = (ROOT / "requirements-dev.txt").read_text()
    assert [tool for tool in named[1].split("|") if f"\n{tool}==" not in lock] == []


def test_the_stand_ins_stay_out() -> None:
    (removing,) = [run for run in BUILDER.all("RUN") if "rm -rf bot/playground" in run]
    assert removing.index("rm -rf bot/playground") < removing.index("pip wheel")
    assert "bot/playground" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_builder_is_sent_all_that_it_copies() -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    sent = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    copied = [path for copy in BUILDER.all("COPY") for path in copy.split()[:-1]]
    assert [path for path in copied if not any(fnmatch(path, each) for each in sent)] == []


def test_signals_reach_slipway_itself() -> None:
    assert json.loads(IMAGE.last("ENTRYPOINT")) == ["slipway"]
    assert json.loads(IMAGE.last("CMD")) == ["serve"]
    assert IMAGE.last("STOPSIGNAL") == "SIGTERM"


def test_the_health_check_is_a_program_that_asks_healthz() -> None:
    command = json.loads(IMAGE.last("HEALTHCHECK").partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "health check", "exec")
    assert "/healthz" in command[2]


def test_the_image_says_what_it_is() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', IMAGE.last("LABEL")))
    assert labels["title"] == "Slipway"
    assert labels["licenses"] == "MIT"
