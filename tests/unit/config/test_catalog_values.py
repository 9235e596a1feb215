"""What a right file means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config.catalog import load_catalog, read_texts
from bot.core.catalog import Service, Tier
from bot.core.people import AllOf, FullMembers, GithubTeam
from bot.core.pipelines import InputType, Pin, Provider, Start
from bot.core.policy_version import policy_of, policy_version, read_policy
from bot.core.rollout import BlueGreen, ByPipeline, Canary
from bot.core.rules import (
    AutomaticItem,
    AutoTick,
    CheckRule,
    FixedFreeze,
    HttpVerification,
    JsonPart,
    MetricVerification,
    RecurringFreeze,
    Right,
    Tick,
)
from tests.unit.config.catalogs import PEOPLE, environment, good, with_environment

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/slipway.yml")), ids=lambda file: file.parent.name)
def test_every_example_loads_and_its_policies_can_be_read_back(file: Path) -> None:
    catalog = load_catalog(file)
    assert catalog.services
    for service in catalog.services:
        for each in service.environments:
            assert read_policy(policy_of(service, each)) == each.policy
            assert hash(each.policy) == hash(read_policy(policy_of(service, each)))


def test_the_examples_of_the_five_systems_are_there() -> None:
    found = {file.parent.name for file in EXAMPLES.glob("*/slipway.yml")}
    assert {"openshow", "qa-intelligence", "taskflow", "devpocket", "ca-marketplace"} <= found


def test_defaults_merge_by_key_and_lists_replace() -> None:
    top = "defaults: {approvals: {count: 1, from: [sre], expires: 8h}, refs: [main], checks: [lint, test]}"
    policy = environment(
        with_environment("{who: [sre], approvals: {count: 2}, checks: [scan]}", top=top)
    ).policy
    assert policy.approvals.count == 2
    assert [each.name for each in policy.approvals.rules[0].voters] == ["sre"]
    assert policy.approvals.expires == timedelta(hours=8)
    assert policy.refs == ("main",)
    assert policy.checks == (CheckRule("scan"),)


def test_rules_replace_an_inherited_count() -> None:
    top = "defaults: {approvals: {count: 1, from: [sre], confirm: true}}"
    approvals = environment(
        with_environment("{who: [sre], approvals: {rules: [{count: 2, from: [everyone]}]}}", top=top)
    ).policy.approvals
    assert [(rule.count, rule.voters[0].name) for rule in approvals.rules] == [(2, "everyone")]
    assert approvals.confirm


def test_templates_lie_between_defaults_and_the_service() -> None:
    catalog = good(
        with_environment(
            "{timeout: 3h}",
            service="like: web",
            top="""
            defaults: {who: [duo], timeout: 1h, url: "https://default.example"}
            templates:
              web:
                channel: "#web"
                environments:
                  production: {who: [sre], timeout: 2h}
                  preview: {who: [everyone]}
            """,
        )
    )
    production, preview = (catalog.environment("api", name) for name in ("production", "preview"))
    assert production is not None and preview is not None
    assert [each.name for each in production.policy.who] == ["sre"]
    assert production.policy.timeout == timedelta(hours=3)
    assert production.url == preview.url == "https://default.example"
    service = catalog.service("api")
    assert service is not None and service.channel == "#web"
    assert catalog.channel_of(service, production) == "#web"


def test_a_pipeline_of_the_environment_changes_single_keys() -> None:
    pipeline = environment(
        with_environment("{who: [sre], pipeline: {workflow: live.yml, inputs: {mode: fast}}}")
    ).policy.pipeline
    assert pipeline is not None
    assert (pipeline.workflow, pipeline.provider) == ("live.yml", Provider.GITHUB)
    assert pipeline.inputs == (("mode", "fast"), ("version", "{sha}"))


def test_another_provider_replaces_the_pipeline() -> None:
    pipeline = environment(with_environment('{who: [sre], pipeline: "jenkins:acme/live"}')).policy.pipeline
    assert pipeline is not None
    assert (pipeline.provider, pipeline.job, pipeline.workflow) == (
        Provider.JENKINS,
        "acme/live",
        None,
    )


@pytest.mark.parametrize(
    ("rest", "pin"),
    [
        ("", Pin.CHECK),
        ("tier: production", Pin.TAG),
        ("approvals: {count: 1, from: [sre]}", Pin.TAG),
        ("pipeline: {start: gate}", Pin.GATE),
        ("pipeline: {start: tag}", Pin.TAG),
        ("tier: production, pipeline: {provider: jenkins, job: a}", Pin.CHECK),
        ("tier: production, pipeline: {pin: check}", Pin.CHECK),
    ],
)
def test_the_pin_follows_from_what_is_guarded(rest: str, pin: Pin) -> None:
    pipeline = environment(with_environment(f"{{who: [sre], {rest}}}")).policy.pipeline
    assert pipeline is not None and pipeline.pin is pin


def test_a_pipeline_that_a_tag_starts_is_sent_nothing() -> None:
    rest = 'who: [sre], pipeline: {start: tag, tag: "live-{key}", accepts: {mode: {}}}'
    pipeline = environment(with_environment(f"{{{rest}}}")).policy.pipeline
    assert pipeline is not None
    assert (pipeline.tag, pipeline.inputs, pipeline.accepts) == ("live-{key}", (), ())


def test_a_rollback_takes_after_the_pipeline_but_not_its_inputs() -> None:
    plan = environment(
        with_environment("""
        who: [sre]
        pipeline: {timeout: 2h, pin: tag}
        rollback: {automatic: true, workflow: back.yml, inputs: {target: "{version}"}, approvals: {count: 0}}
        """)
    ).policy.rollback
    assert plan.automatic and plan.pipeline is not None
    assert plan.pipeline.workflow == "back.yml"
    assert plan.pipeline.inputs == (("target", "{version}"),)
    assert (plan.pipeline.timeout, plan.pipeline.pin) == (timedelta(hours=2), Pin.TAG)
    assert plan.approvals.count == 0


def test_a_hold_after_a_rollback_is_no_pipeline_of_its_own() -> None:
    plan = environment(with_environment("{who: [sre], rollback: {hold: 30m}}")).policy.rollback
    assert (plan.hold, plan.pipeline) == (timedelta(minutes=30), None)


def test_a_rollback_that_says_nothing_is_the_pipeline_and_its_approvals() -> None:
    policy = environment(with_environment("{who: [sre], approvals: {count: 1, from: [sre]}}")).policy
    assert policy.rollback.pipeline is None
    assert policy.rollback.approvals == policy.approvals


def test_backup_and_restore_are_pipelines() -> None:
    policy = environment(
        with_environment("""
        who: [sre]
        backup: github:backup.yml
        restore: {workflow: restore.yml, inputs: {id: "{backup}"}}
        """)
    ).policy
    assert policy.backup is not None and policy.backup.workflow == "backup.yml"
    assert policy.restore is not None and policy.restore.start is Start.DISPATCH


def test_rules_of_production_by_default() -> None:
    text = "{tier: production, who: [sre], checks: [test, {name: status, creators: [ci-bot]}]}"
    policy = environment(with_environment(text)).policy
    assert policy.tier is Tier.PRODUCTION and policy.guarded
    assert policy.checks == (
        CheckRule("status", creators=("ci-bot",)),
        CheckRule("test", app="github-actions"),
    )


def test_freezes_name_their_zone_and_whole_days() -> None:
    policy = environment(
        with_environment(
            """
            who: [sre]
            freeze:
              - {cron: "0  17 * * FRI", lasts: 63h, reason: weekend}
              - {from: 2026-12-20, to: 2027-01-02, reason: year end, zone: Asia/Tokyo, override: [sre]}
              - {from: "2026-06-01 09:00", to: "2026-06-01 12:30", reason: audit}
            """,
            top="slack: {time_zone: Europe/London}",
        )
    ).policy
    weekend, year_end, audit = policy.freezes
    assert weekend == RecurringFreeze("0 17 * * FRI", timedelta(hours=63), "Europe/London", "weekend")
    assert isinstance(year_end, FixedFreeze) and isinstance(audit, FixedFreeze)
    assert year_end.ends == datetime.fromisoformat("2027-01-03T00:00")
    assert (year_end.zone, [each.name for each in year_end.override]) == ("Asia/Tokyo", ["sre"])
    assert audit.ends == datetime.fromisoformat("2026-06-01T12:30")


def test_bounds_of_metrics_are_exact() -> None:
    policy = environment(
        with_environment(
            "{who: [sre], verify: [{prometheus: main, query: up, below: 0.05, for: 5m}]}",
            top='prometheus: {main: {url: "https://prometheus.example"}}',
        )
    ).policy
    [verification] = policy.verify
    assert isinstance(verification, MetricVerification)
    assert verification.below == Decimal("0.05")
    assert verification.source.url == "https://prometheus.example"


def test_what_an_address_must_answer() -> None:
    place = environment(
        with_environment("""
        who: [sre]
        verify:
          - http: "http://10.0.0.7/health"
            private: true
            json: {database.ok: true}
            version_header: X-Version
            passes: 3
          - http: "https://api.example/health"
        """)
    )
    first, second = place.policy.verify
    service = Service("api", place.policy.repository, (place,))
    assert read_policy(policy_of(service, place)) == place.policy
    assert first == HttpVerification(
        "http://10.0.0.7/health",
        passes=3,
        json=JsonPart("database.ok", True),
        version_header="X-Version",
        private=True,
    )
    assert second == HttpVerification("https://api.example/health")


def test_checklists_strategies_and_accepted_inputs() -> None:
    policy = environment(
        with_environment("""
        who: [sre]
        checklist: {before: [backup verified, {auto: checks}], after: [watched]}
        strategy: {kind: canary, stable: api, canary: api-canary, steps: [{weight: 10, pause: 5m}]}
        pipeline: {accepts: {level: {type: choice, options: [info, debug], default: info}}}
        """)
    ).policy
    assert policy.checklist.before == (Tick("backup verified"), AutoTick(AutomaticItem.CHECKS))
    assert isinstance(policy.strategy, Canary) and policy.strategy.steps[0].weight == 10
    assert policy.pipeline is not None
    level = policy.pipeline.accepted("level")
    assert level is not None and (level.type, level.default) == (InputType.CHOICE, "info")
    assert policy.pipeline.accepted("volume") is None


def test_strategies_by_word_and_by_map() -> None:
    assert environment(with_environment("{who: [sre], strategy: dispatch}")).policy.strategy == ByPipeline()
    blue = "strategy: {kind: blue-green, service: api, blue: api-blue, green: api-green}"
    strategy = environment(with_environment(f"{{who: [sre], {blue}}}")).policy.strategy
    assert isinstance(strategy, BlueGreen)
    assert strategy.target.timeout == timedelta(minutes=10)


def test_the_nearest_word_on_a_right_counts() -> None:
    catalog = good(
        with_environment(
            "{who: [sre], rights: {run: [duo]}}",
            service="rights: {run: [everyone], audit: [everyone]}",
            top="rights: {run: [sre], admin: [sre], audit: [sre]}",
        )
    )
    production = catalog.environment("api", "production")
    assert production is not None
    rights = production.policy.rights
    granted = {right: [each.name for each in rights.of(right)] for right in Right}
    assert granted[Right.RUN] == ["duo"]
    assert granted[Right.AUDIT] == ["everyone"]
    assert granted[Right.ADMIN] == ["sre"]
    assert granted[Right.EMERGENCY] == []
    assert [each.name for each in catalog.rights.of(Right.AUDIT)] == ["sre"]


def test_people_are_unions_and_intersections() -> None:
    people = {
        each.name: each.rule
        for each in good(
            with_environment("who: [sre]").replace("services:", "  x: {all: [everyone, sre]}\nservices:")
        ).people
    }
    assert people["x"] == AllOf((FullMembers(), GithubTeam("acme/sre")))


def test_a_folder_is_read_as_one_catalog(tmp_path: Path) -> None:
    whole = with_environment("who: [sre]")
    services = whole[whole.index("services:") :]
    (tmp_path / "people.yml").write_text(f"version: 1\n{PEOPLE}", encoding="utf-8")
    (tmp_path / "api.yaml").write_text(f"version: 1\n{services}", encoding="utf-8")
    (tmp_path / "web.yml").write_text(services.replace("  api:", "  web:"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no catalog", encoding="utf-8")
    catalog = load_catalog(tmp_path)
    assert {each.name for each in catalog.services} == {"api", "web"}


def test_the_same_name_in_two_files_is_a_mistake() -> None:
    whole = with_environment("who: [sre]")
    result = read_texts({"a.yml": whole, "b.yml": whole + "\ndefaults: {}", "c.yml": "defaults: {}"})
    said = {f"{each.file}: {each.message}" for each in result.errors}
    assert "b.yml: `api` stands in two files" in said
    assert "b.yml: `sre` stands in two files" in said
    assert "c.yml: `defaults` stands in two files" in said


def test_looking_up_what_is_not_there() -> None:
    catalog = good(with_environment("who: [sre]"))
    assert catalog.service("apu") is None
    assert catalog.environment("apu", "staging") is None
    assert catalog.environment("api", "stage") is None
    assert catalog.environment_names == ("staging", "production")


def _version(text: str) -> str:
    catalog = good(text)
    service = catalog.service("api")
    assert service is not None
    found = service.environment("production")
    assert found is not None
    return policy_version(service, found)


BASE = "{who: [sre, duo], approvals: {count: 1, from: [sre]}, refs: [main, 'v*']}"


@pytest.mark.parametrize(
    "same",
    [
        with_environment(BASE, top="slack: {channel: '#other', audit_channel: '#audit'}"),
        with_environment(BASE, top="digests: [{channel: '#a', every: day, at: '09:00'}]"),
        with_environment(BASE, service="channel: '#api'\nexternal: true\nvisible_to: [sre]"),
        with_environment(
            BASE[:-1] + ", channel: '#x', announce: none, notify: [sre], url: 'https://a.example'}"
        ),
        with_environment(BASE[:-1] + ", logs: false}", service="logs: false"),
        with_environment("{refs: ['v*', main], approvals: {from: [sre], count: 1}, who: [duo, sre, sre]}"),
        with_environment(BASE, top="rights: {}\ndefaults: {approvals: {expires: 240m}}"),
    ],
)
def test_the_policy_version_ignores_where_messages_go_and_how_it_is_written(same: str) -> None:
    assert _version(same) == _version(with_environment(BASE))


@pytest.mark.parametrize(
    "other",
    [
        with_environment(BASE.replace("sre, duo", "sre")),
        with_environment(BASE.replace("count: 1", "count: 2")),
        with_environment(BASE.replace("from: [sre]", "from: [sre, duo]")),
        with_environment(BASE.replace("main, ", "")),
        with_environment(BASE).replace("acme/sre", "acme/others"),
        with_environment(BASE, top="rights: {override_freeze: [sre]}"),
        with_environment(BASE, service="migrations: [db/**]"),
        with_environment(BASE[:-1] + ", tier: production}"),
        with_environment(BASE[:-1] + ", pipeline: {inputs: {a: b}}}"),
    ],
)
def test_the_policy_version_follows_who_may_and_what_must_hold(other: str) -> None:
    assert _version(other) != _version(with_environment(BASE))


def test_an_older_policy_can_be_judged_by_after_a_change() -> None:
    catalog = good(with_environment(BASE))
    service, production = catalog.service("api"), catalog.environment("api", "production")
    assert service is not None and production is not None
    stored = policy_of(service, production)
    assert isinstance(stored["policy"], dict)
    stored["policy"]["something_newer"] = 1
    assert read_policy(stored) == production.policy
    none_excluded = replace(
        production,
        policy=replace(production.policy, approvals=replace(production.policy.approvals, exclude=())),
    )
    assert read_policy(policy_of(service, none_excluded)) == none_excluded.policy
