"""What `/run` may start: rules like those of an environment, and no way around one."""

from __future__ import annotations

import pytest

from bot.core.pipelines import Pin
from tests.unit.config.catalogs import good, said, with_environment

AROUND = "deploys to live: `/run` would start it past the rules there"
PLACE = "who: [everyone]\nrollback: {workflow: back.yml, inputs: {version: '{sha}'}}"


def catalog(workflows: str, *, top: str = "") -> str:
    return with_environment(PLACE, name="live", service=f"workflows: {workflows}", top=top)


def test_a_workflow_is_a_place_with_its_own_rules() -> None:
    text = catalog("{release.yml: {who: [sre], refs: [main], inputs: {draft: 'no'}, pin: tag}}")
    service = good(text).service("api")
    assert service is not None
    (place,) = service.workflows
    assert place == service.environment("release.yml")
    assert place not in service.environments
    pipeline = place.policy.pipeline
    assert pipeline is not None
    assert (pipeline.workflow, pipeline.pin, pipeline.inputs) == ("release.yml", Pin.TAG, (("draft", "no"),))
    assert [each.name for each in place.policy.who] == ["sre"]
    assert place.policy.refs == ("main",)


@pytest.mark.parametrize(
    ("service", "workflow", "environment", "shown"),
    [
        ("", "", "", (True, True)),
        ("logs: false", "", "", (False, False)),
        ("logs: false", ", logs: true", "\nlogs: true", (True, True)),
        ("", ", logs: false", "", (False, True)),
        ("", "", "\nlogs: false", (True, False)),
    ],
)
def test_the_nearest_word_says_whether_a_log_is_shown(
    service: str, workflow: str, environment: str, shown: tuple[bool, bool]
) -> None:
    named = f"workflows: {{audit.yml: {{who: [sre]{workflow}}}}}\n{service}"
    found = good(with_environment(PLACE + environment, name="live", service=named)).service("api")
    assert found is not None
    live = found.environment("live")
    assert live is not None
    assert (found.workflows[0].logs, live.logs) == shown


def test_who_may_run_anything_may_run_what_names_nobody() -> None:
    service = good(catalog("{audit.yml: {}}", top="rights: {run: [duo]}")).service("api")
    assert service is not None
    assert [each.name for each in service.workflows[0].policy.who] == ["duo"]


@pytest.mark.parametrize(
    ("workflows", "wrong"),
    [
        ("{audit.yml: {}}", "`who` is missing"),
        ("{audit: {who: [sre]}}", "`audit` is no workflow file; such as release.yml"),
        ("{../../x.yml: {who: [sre]}}", "`../../x.yml` is no workflow file; such as release.yml"),
        (
            "{deploy.yml: {who: [sre]}}",
            f"`deploy.yml` {AROUND}",
        ),
        (
            "{back.yml: {who: [sre]}}",
            f"`back.yml` {AROUND}",
        ),
        ("{audit.yml: {who: [ser]}}", "unknown people `ser`"),
        ("{audit.yml: {who: [sre], verify: []}}", "unknown key `verify`"),
    ],
)
def test_what_is_wrong_with_one_is_said(workflows: str, wrong: str) -> None:
    found = said(catalog(workflows))
    assert any(each.startswith(wrong) for each in found), found


def test_only_github_has_workflows() -> None:
    text = catalog("{audit.yml: {who: [sre]}}").replace("github:acme/api", "gitlab:acme/api")
    assert "`/run` starts workflows of GitHub alone; leave it out" in said(text)
