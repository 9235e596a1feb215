"""Every mistake is told, all of them at once, each at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.catalog import load_catalog, read_catalog, read_texts, render_mistakes
from bot.config.mistakes import ConfigError
from tests.unit.config.catalogs import read, said, warned, with_environment

GOLDEN = Path(__file__).parent / "golden"


def test_a_wrong_file_is_shown_as_a_good_compiler_would() -> None:
    result = read_texts({"wrong.yml": (GOLDEN / "wrong.yml").read_text(encoding="utf-8")})
    assert result.catalog is None
    assert render_mistakes(result) == (GOLDEN / "wrong.txt").read_text(encoding="utf-8")


def test_colour_is_only_added() -> None:
    result = read("version: 2")
    coloured = render_mistakes(result, colour=True)
    assert "\033[31merror\033[0m" in coloured
    plain = coloured
    for code in ("\033[31m", "\033[33m", "\033[1m", "\033[0m"):
        plain = plain.replace(code, "")
    assert plain == render_mistakes(result)


def test_load_catalog_lists_everything_in_one_error(tmp_path: Path) -> None:
    file = tmp_path / "slipway.yml"
    file.write_text("version: 1\nservces: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_catalog(file)
    assert f"{file}:2:1: unknown key `servces`; did you mean `services`?" in str(caught.value)
    assert "there are no services" in str(caught.value)


def test_a_catalog_that_is_not_there_says_so(tmp_path: Path) -> None:
    [mistake] = read_catalog(tmp_path / "slipway.yml").errors
    assert mistake.message == "the catalog cannot be read: No such file or directory"
    [mistake] = read_catalog(tmp_path).errors
    assert mistake.message == "the catalog cannot be read: there is no *.yml in this folder"
    (tmp_path / "slipway.yml").write_bytes(b"\xff\xfe\x00")
    [mistake] = read_catalog(tmp_path).errors
    assert mistake.message == "the catalog cannot be read: it is not UTF-8"


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: [1, 2", "expected ',' or ']'", 1, 9),
        ("version: 1\n\tservices: {}", "cannot start any token", 2, 1),
        ("version: 1\n---\nversion: 1", "another document", 2, 1),
        ("%YAML 1.1\n---\nversion: 1", "directives", 1, 1),
        ("[]", "a catalog is a map", 1, 1),
        ("version: !int 1", "tags such as !int", 1, 10),
        ("version: 1\n1: 2", "a key must be text", 2, 1),
        ("version: 1\nversion: 1", "`version` stands here twice", 2, 1),
        ("version: 1\nslack: {<<: {channel: x}}", "merge keys are not read", 2, 9),
        ("version: 1\npeople: &a {b: *a}", "an alias that holds itself", 2, 9),
        ('version: 1\npeople: {"\\ud800": {members: true}}', "half of a character", 2, 10),
    ],
)
def test_what_is_no_catalog_is_told_with_its_place(text: str, message: str, line: int, column: int) -> None:
    [first, *_] = [each for each in read(text).errors if message in each.message]
    assert (first.line, first.column) == (line, column)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ("tier: standard", "`who` is missing; nobody may deploy here; name people"),
        ("who: []", "`who` is empty, so nobody may deploy here; name people"),
        ("who: everyone", "this must be a list, not text; write [everyone]"),
        ("who: [sree]", "unknown people `sree`; did you mean `sre`?"),
        ("{who: [sre], notify: [everybody]}", "unknown people `everybody`; did you mean `everyone`?"),
        ("{who: [sre], rights: {run: [duoo]}}", "unknown people `duoo`; did you mean `duo`?"),
        ("{who: [sre], approvals: {count: 1}}", "an approval that nobody can give"),
        ("{who: [duo], approvals: {count: 2, from: [duo]}}", "approvals that nobody can give"),
        ("{who: [sre], approvals: {count: 3, from: [duo]}}", "approvals that nobody can give"),
        (
            "{who: [sre], approvals: {rules: [{count: 1, from: [duo]}, {count: 2, from: [duo]}]}}",
            "approvals that nobody can give",
        ),
        (
            "{who: [sre], approvals: {count: 1, from: [sre], rules: [{count: 1, from: [sre]}]}}",
            "`rules` and `count` exclude each other",
        ),
        ("{who: [sre], rollback: {approvals: {count: 1}}}", "an approval that nobody can give"),
        ("{who: [sre], promote_from: stagin}", "unknown environment `stagin`; did you mean `staging`?"),
        ("{who: [sre], promote_from: production}", "promotions go in a circle: production > production"),
        ("{who: [sre], timeout: 5 minutes}", "`5 minutes` is no duration"),
        ("{who: [sre], timeout: 300}", 'a duration must be text, not a number; put it in quotes: "300"'),
        ("{who: [sre], url: example.com}", "`example.com` is no address"),
        (
            '{who: [sre], url: "https://a:b@example.com"}',  # pragma: allowlist secret
            "an address here holds no user or password",
        ),
        ("{who: [sre], refs: [1.0]}", 'this must be text, not a number; put it in quotes: "1.0"'),
        ("{who: [sre], refs: [release/[0-9]}", "this is no YAML"),
        ('{who: [sre], refs: ["v[0-9"]}', "opens a bracket that it does not close"),
        ("{who: [sre], checks: [a, a]}", "the check `a` is named twice"),
        ("{who: [sre], checks: [{name: a, app: b, creators: [c]}]}", "`a` is either one or the other"),
        ("{who: [sre], checklist: {before: [{auto: cheks}]}}", "did you mean `checks`?"),
        ("{who: [sre], checklist: {before: [backed up, backed up]}}", "`backed up` is named twice"),
        (f"{{who: [sre], checklist: {{after: [{'x' * 151}]}}}}", "at most 150 characters"),
        (f"{{who: [sre], checklist: {{before: {[*map(str, range(21))]}}}}}", "at most 20 items"),
        ("{who: [sre], checklist: {before: [{}]}}", "an item is either text or {auto: ...}"),
        ("{who: [sre], announce: never}", "`never` is none of all, failures, none"),
        ("{who: [sre], strategy: rollin}", "the kind must be one of"),
        ("{who: [sre], strategy: {kind: rolling}}", "`deployment` is missing"),
        (
            '{who: [sre], strategy: {kind: rolling, deployment: api, image: "api:{shortsha}"}}',
            "`{shortsha}` is no placeholder; did you mean `short_sha`?",
        ),
    ],
)
def test_an_environment_that_cannot_work(environment: str, message: str) -> None:
    assert any(message in each for each in said(with_environment(environment)))


@pytest.mark.parametrize(
    ("freeze", "message"),
    [
        ("{lasts: 1h, reason: a}", "this needs one of the keys `cron`, `from`"),
        ('{cron: "0 17 * *", lasts: 1h, reason: a}', "a cron line has five fields"),
        ('{cron: "0 17 * * FRY", lasts: 1h, reason: a}', "'FRY' is no day of the week"),
        ('{cron: "0 17 * * FRI", reason: a}', "`lasts` is missing"),
        ('{cron: "0 17 * * FRI", lasts: 1h}', "`reason` is missing"),
        ("{from: 2026-12-20, to: 2026-12-19, reason: a}", "this freeze ends before it starts"),
        ("{from: 2026-13-20, to: 2026-12-19, reason: a}", "`2026-13-20` is no day or time"),
        ('{from: "2026-12-20T10:00:00Z", to: 2026-12-21, reason: a}', "has no offset of its own"),
        ("{from: 2026-12-20, to: 2026-12-21, reason: a, zone: Europe}", "`Europe` is no time zone"),
        ("{from: 2026-12-20, to: 2026-12-21, reason: a, override: [x]}", "unknown people `x`"),
    ],
)
def test_a_freeze_that_cannot_work(freeze: str, message: str) -> None:
    assert any(message in each for each in said(with_environment(f"{{who: [sre], freeze: [{freeze}]}}")))


PARTS = ("{}", "ok", "{a: 1, b: 2}", "{a: 9007199254740992}", "{a: [1]}", "{a: 0.5}", "{a: null}", "{1: a}")


@pytest.mark.parametrize(
    ("verify", "message"),
    [
        ("{prometheus: main, query: up, below: 1, for: 5m}", "unknown Prometheus `main`"),
        ("{prometheus: main, query: up, for: 5m}", "a query needs either `below` or `above`"),
        ("{prometheus: main, query: up, below: .nan, for: 5m}", "finite"),
        ("{htttp: x}", "this needs one of the keys"),
        ('{http: "https://a.example", status: 99}', "greater than or equal to 100"),
        ('{http: "https://a.example", passes: 100, within: 1m}', "100 answers do not fit into `within`"),
        *(
            (f'{{http: "https://a.example", json: {each}}}', "this must be one name with its")
            for each in PARTS
        ),
        ('{http: "https://a.example", version_header: "X Version"}', "`X Version` is no name of a header"),
        (
            '{http: "https://ada:pw@a.example"}',  # pragma: allowlist secret
            "holds no user or password",
        ),
        ('{http: "http://10.0.0.7/health"}', "10.0.0.7 is in a network that is closed to the outside"),
        ('{http: "http://[::1]/health"}', "::1 is in a network that is closed to the outside"),
        ('{http: "http://169.254.169.254/", private: true}', "169.254.169.254 is never asked"),
    ],
)
def test_a_verification_that_cannot_work(verify: str, message: str) -> None:
    assert any(message in each for each in said(with_environment(f"{{who: [sre], verify: [{verify}]}}")))


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("jenkins", "`jenkins` is no pipeline; such as jenkins:team/deploy, or a map"),
        ("{provider: jenkins}", "a jenkins pipeline needs `job`"),
        ("{provider: gitlab, workflow: x}", "`workflow` has no meaning for gitlab"),
        ("{provider: gitlab, start: job}", "`start: job` needs `job`"),
        ("{start: input}", "github has no start `input`; it knows dispatch, gate, tag"),
        ("{accepts: {version: {}}}", "`version` is already set by `inputs`"),
        ("{accepts: {ref: {}}}", "`ref=` names the release in the chat"),
        ("{accepts: {a: {type: choice}}}", "`type: choice` and `options` go together"),
        ("{accepts: {a: {type: integer, default: true}}}", "the default is no integer"),
        ("{accepts: {a: {type: choice, options: [b], default: c}}}", "the default is no choice"),
        ("{accepts: {a: {required: true, default: b}}}", "what is required needs no default"),
        ('{inputs: {version: "{}"}}', "`{}` is no placeholder"),
        ("{start: tag, pin: check}", "what a tag starts is held by that tag"),
        ("{start: tag, tag: live}", "`live` has no {key}"),
        ('{start: tag, tag: "{nam}-{key}"}', "`{nam}` is no placeholder"),
        ('{start: tag, tag: "slipway/{key}"}', "slipway/ is our own"),
        ('{start: tag, tag: "refs/tags/{key}"}', "refs/tags/ goes without saying"),
        ('{start: tag, tag: "live {key}"}', "git allows no tag `live {key}`"),
        ('{start: tag, tag: "live/{key}/"}', "git allows no tag"),
        (
            f"{{inputs: {{{', '.join(f'a{n}: b' for n in range(25))}}}}}",
            "GitHub takes 25 inputs, these are 26",
        ),
    ],
)
def test_a_pipeline_that_cannot_work(pipeline: str, message: str) -> None:
    found = said(with_environment(f"{{who: [sre], pipeline: {pipeline}}}"))
    assert any(message in each for each in found), found


@pytest.mark.parametrize(
    "rollback", ["timeout: 5m", "workflow: back.yml", 'inputs: {place: "{environment}"}', "ref: main"]
)
def test_a_pipeline_for_going_back_is_told_the_release(rollback: str) -> None:
    """It runs on the branch of today: untold, it would go forward to what is there."""
    found = said(with_environment(f"{{who: [sre], rollback: {{{rollback}}}}}"))
    assert found == [
        "nothing tells this pipeline which release comes back; add `inputs:` with {sha} or {version}"
    ]


@pytest.mark.parametrize(
    ("restore", "message"),
    [
        (
            "workflow: restore.yml",
            "nothing tells this pipeline which backup is restored; add `inputs:` with {backup}",
        ),
        (
            'workflow: restore.yml, inputs: {to: "{sha}"}',
            "nothing tells this pipeline which backup is restored",
        ),
        ("workflow: restore.yml, start: gate", "a restore is started and never let in"),
        ('workflow: restore.yml, inputs: {from: "{backup}"}', ""),
    ],
)
def test_a_pipeline_that_restores_is_told_the_backup(restore: str, message: str) -> None:
    found = said(with_environment(f"{{who: [sre], restore: {{{restore}}}}}"))
    assert [message in each for each in found] == ([True] if message else [])


OTHER = "staging: {who: [everyone]"


@pytest.mark.parametrize(
    ("staging", "production", "others"),
    [
        ("pin: tag", "start: tag", "`slipway/{key}` is also that of api in staging"),
        ('start: tag, tag: "a-{key}"', 'start: tag, tag: "a-{key}"', "`a-{key}` is also that of api in"),
        ('start: tag, tag: "{environment}-{key}"', 'start: tag, tag: "{environment}-{key}"', ""),
        ("pin: check", "start: tag", ""),
    ],
)
def test_a_tag_that_starts_a_pipeline_is_made_for_one_place(
    staging: str, production: str, others: str
) -> None:
    text = with_environment(f"{{who: [sre], pipeline: {{{production}}}}}")
    found = said(text.replace(OTHER, f"{OTHER}, pipeline: {{{staging}}}"))
    assert any(others in each for each in found) if others else found == [], found


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ("digests: [{channel: '#a', every: week, at: '09:00'}]", "a weekly digest needs a day"),
        ("digests: [{channel: '#a', every: day, on: monday, at: '9:00'}]", "`on` has no meaning"),
        ("digests: [{channel: '#a', services: [apu], every: day, at: '9am'}]", "unknown service `apu`"),
        ("digests: [{channel: '#a', services: [apu], at: '25:00'}]", "unknown service `apu`"),
        ("digests: [{channel: '#a', every: day, at: 9}]", "a time of day must be text, not a number"),
        ("subscriptions: [{channel: '#a', services: [apu]}]", "unknown service `apu`; did you mean `api`?"),
        ("subscriptions: [{channel: '#a', env: [prodction]}]", "did you mean `production`?"),
        ("subscriptions: [{channel: '#a', env: [moon]}]", "there are: staging, production"),
        ("subscriptions: [{channel: '#a', on: [failed]}]", "did you mean `failure`?"),
        ("subscriptions: [{channel: '#a', on: []}]", "a subscription to nothing"),
        ("subscriptions: [{channel: '#a'}, {channel: '#a', env: []}]", "#a hears of that already"),
        ("subscriptions: [{channel: a}]", "`a` is no channel"),
        ("slack: {messages_per_minute: 0}", "greater than or equal to 1"),
        ("slack: {channel: deploys}", '`deploys` is no channel; did you mean "#deploys"?'),
        ("rights: {admin: [nobody]}", "unknown people `nobody`"),
        ("prometheus: {main: {url: 'https://a b'}}", "is no address"),
    ],
)
def test_the_top_of_a_file_that_cannot_work(top: str, message: str) -> None:
    assert any(message in each for each in said(with_environment("who: [sre]", top=top)))


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ("{a: {}}", "`a` can have no members"),
        ("{a: {all: [b]}, b: {any: [a]}}", "these people go in a circle: a > b > a"),
        ("{a: {all: [b], members: true}, b: {members: true}}", "`all` stands alone, not beside `members`"),
        ("{a: {all: [b, c]}, b: {users: [U0000001]}, c: {users: [U0000002]}}", "`a` can have no members"),
        ("{a: {any: [b]}}", "unknown people `b`"),
        ("{a: {users: [frank]}}", "`frank` is no Slack user id"),
        ("{a: {github_team: payments}}", "`payments` is no GitHub team"),
        ("{a: {slak_group: b}}", "unknown key `slak_group`; did you mean `slack_group`?"),
    ],
)
def test_people_that_cannot_be(people: str, message: str) -> None:
    found = said(f"version: 1\npeople: {people}\n")
    assert any(message in each for each in found), found


def test_names_have_one_meaning() -> None:
    text = with_environment("who: [sre]", name="emergency").replace("  api:", "  staging:")
    assert any("`staging` is also the name of a service" in each for each in said(text))
    assert any("`emergency` is a word of the chat grammar" in each for each in said(text))
    assert any("`API` cannot be a name" in each for each in said(text.replace("  staging:\n", "  API:\n", 1)))


def test_a_circle_of_promotions_is_told_once() -> None:
    text = with_environment("{who: [sre], promote_from: staging}").replace(
        "staging: {who: [everyone]}", "staging: {who: [everyone], promote_from: [production]}"
    )
    assert said(text) == ["promotions go in a circle: production > staging > production"]


def test_what_is_inherited_is_told_once_where_it_was_written() -> None:
    text = with_environment("who: [sre]", top="defaults: {timeout: 5 minutes}")
    [mistake] = read(text).errors
    assert text.splitlines()[mistake.line - 1] == "defaults: {timeout: 5 minutes}"
    assert text.splitlines()[mistake.line - 1][mistake.column - 1 :] == "5 minutes}"


def test_an_unknown_template_is_a_mistake() -> None:
    text = with_environment("who: [sre]", service="like: wep", top="templates: {web: {}}")
    assert said(text) == ["there is no template `wep`; did you mean `web`?"]


def test_production_is_warned_of_what_cannot_prevent() -> None:
    assert warned(with_environment("{tier: production, who: [sre], pipeline: {pin: check}}")) == [
        "`pin: check` in production notices another commit only after it has started",
    ]
    assert warned(with_environment("{who: [sre]}")) == ["`production` has no tier"]
    group = PEOPLE_OF_A_GROUP.format(voters="ops")
    voters = "membership of a Slack group alone gives a vote in production: `ops`"
    assert warned(group) == [voters]
    assert warned(PEOPLE_OF_A_GROUP.format(voters="both")) == []


PEOPLE_OF_A_GROUP = """
version: 1
people:
  ops: {{slack_group: ops}}
  sre: {{github_team: acme/sre}}
  both: {{all: [ops, sre]}}
services:
  api:
    repository: github:acme/api
    pipeline: github:deploy.yml
    environments:
      production: {{tier: production, who: [sre], approvals: {{count: 1, from: [{voters}]}}}}
"""


GATED = "pipeline: {start: gate}"


@pytest.mark.parametrize(
    ("rules", "warns"),
    [
        ("approvals: {count: 1, from: [everyone]}, rollback: {automatic: true}", "people have to approve it"),
        ("approvals: {count: 1, from: [everyone]}, rollback: {automatic: true, approvals: {count: 0}}", ""),
        ("approvals: {count: 1, from: [everyone]}", ""),
        (f"{GATED}, rollback: {{automatic: true}}", "a run has to wait for it"),
        (f'{GATED}, rollback: {{automatic: true, start: dispatch, inputs: {{version: "{{sha}}"}}}}', ""),
        ("rollback: {automatic: true}", ""),
    ],
)
def test_what_can_not_go_back_by_itself_is_told_beforehand(rules: str, warns: str) -> None:
    found = [each for each in warned(with_environment(f"{{who: [sre], {rules}}}")) if "by itself" in each]
    assert [warns in each for each in found] == ([True] if warns else [])
