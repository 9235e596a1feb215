"""`slipway doctor`: looks at everything that must be right before the first command, and says what to fix."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict

import aiohttp

from bot.app.connecting import connect, hook_address
from bot.app.measuring import Measuring
from bot.config.catalog import load_catalog
from bot.config.mistakes import ConfigError, counted
from bot.config.settings import Settings
from bot.core.asking import example_tag
from bot.core.catalog import Catalog, Environment, Service
from bot.core.errors import SlipwayError
from bot.core.findings import Finding, Grade, fail, ok, warn
from bot.core.gatekeeping import gate_name
from bot.core.people import teams_of
from bot.core.pipelines import Pin, Pipeline, Provider, Start
from bot.engine.clock import SystemClock
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES
from bot.store.schema import SchemaState, check
from integrations.github.ways_around import Target
from integrations.slack import make_client
from integrations.slack.doctor import check as check_slack
from integrations.slack.doctor import check_socket

ANSWERS, ALIVE = 5.0, b"alive\n"  # seconds, and what /healthz says
MARKS = {Grade.OK: "ok  ", Grade.WARN: "warn", Grade.FAIL: "FAIL"}


async def doctor(environ: Mapping[str, str], *, as_json: bool) -> int:
    """1 when something must be fixed, else 0."""
    try:
        settings = Settings.load(environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    findings = [ok("The settings are complete."), await asyncio.to_thread(_database, settings)]
    catalog, found = _catalog(settings)
    findings += found
    findings += await _slack(settings, catalog)
    findings += await _github(settings, catalog)
    findings += await _sources(catalog)
    findings += await _way_in(settings)
    _print(findings, as_json=as_json)
    return 1 if any(each.grade is Grade.FAIL for each in findings) else 0


def _database(settings: Settings) -> Finding:
    try:
        state = check(settings.database_url.get_secret_value())
    except SlipwayError as error:
        return fail(f"The database: {error}", "Check DATABASE_URL, and that the database runs.")
    match state:
        case SchemaState.CURRENT:
            return ok("The database is at this version's schema.")
        case SchemaState.AHEAD:
            return fail("The database belongs to a newer Slipway.", "Install that version.")
        case SchemaState.NONE | SchemaState.BEHIND:
            return fail("The database is not ready for this version.", "Run `slipway migrate`.")


def _catalog(settings: Settings) -> tuple[Catalog, list[Finding]]:
    try:
        catalog = load_catalog(settings.config)
    except ConfigError as error:
        return Catalog(), [fail(f"The catalog: {error}", "`slipway check` shows every mistake.")]
    used = frozenset(Provider(service.repository.provider) for service in catalog.services)
    missing = [fail(each.message, f"Set {each.file}.") for each in settings.missing_for(used)]
    return catalog, [ok(f"The catalog is in order: {counted(len(catalog.services), 'service')}."), *missing]


async def _slack(settings: Settings, catalog: Catalog) -> list[Finding]:
    token = settings.slack_bot_token
    if token is None:
        return [fail("There is no SLACK_BOT_TOKEN.", "It is on the app's page, below OAuth & Permissions.")]
    async with aiohttp.ClientSession() as session:
        client = make_client(token.get_secret_value(), settings.slack_api_url, session)
        audit = catalog.channels.audit
        return await check_slack(client, SCOPES, OPTIONAL_SCOPES, _channels(catalog), audit)


def _channels(catalog: Catalog) -> list[str]:
    places = [catalog.channels.default, catalog.channels.audit]
    for service in catalog.services:
        places += [catalog.channel_of(service, environment) for environment in service.places]
    return [name for name in dict.fromkeys(places) if name and name.startswith("#")]


async def _github(settings: Settings, catalog: Catalog) -> list[Finding]:
    github = connect(settings, SystemClock())
    if github is None:
        return [warn("GitHub is not set up.", "Set GITHUB_TOKEN if services run there.")]
    try:
        teams = teams_of(catalog.people)
        found = [*await github.check(_targets(catalog), teams), *_linkable(settings, teams)]
        targets = _targets(catalog)
        names = tuple(dict.fromkeys(each.repository for each in targets))
        gated = frozenset(each.repository for each in targets if each.waits)
        if names and (address := hook_address(settings)):
            found += await github.deliveries.findings(names, address, gated)
        return found
    finally:
        await github.close()


async def _sources(catalog: Catalog) -> list[Finding]:
    """Each Prometheus and Alertmanager is asked what a deployment will ask it."""
    async with aiohttp.ClientSession() as session:
        asked = [(each, await Measuring(session).firing(each)) for each in catalog.alarms]
    return [
        ok(f"Alerts can be read from {source.name}.")
        if reading.alerts is not None
        else fail(f"Alerts can't be read from {reading.why}.", f"Check {source.url}.")
        for source, reading in asked
    ]


def _linkable(settings: Settings, teams: frozenset[str]) -> list[Finding]:
    """Who is in a team is known of linked accounts alone."""
    if not teams or settings.github_client_id is not None:
        return []
    what = f"The catalog counts on {', '.join(sorted(teams))}, and nobody can link an account."
    return [fail(what, "Set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET: they are those of an OAuth app.")]


def _targets(catalog: Catalog) -> list[Target]:
    found = []
    for service in catalog.services:
        for environment in service.environments:
            pipeline = environment.policy.pipeline
            if pipeline is None or pipeline.provider is not Provider.GITHUB or pipeline.workflow is None:
                continue
            found.append(_target(service, environment, pipeline, pipeline.workflow))
    return found


def _target(service: Service, environment: Environment, pipeline: Pipeline, workflow: str) -> Target:
    return Target(
        service.repository.full_name,
        workflow,
        environment.name,
        frozenset({name for name, _ in pipeline.inputs} | {each.name for each in pipeline.accepts}),
        pinned=pipeline.pin is Pin.TAG,
        gate=gate_name(environment.policy, environment.name),
        waits=pipeline.start is Start.GATE,
        pushes=example_tag(pipeline, environment.name) if pipeline.start is Start.TAG else "",
        guarded=environment.policy.guarded,
    )


async def _way_in(settings: Settings) -> list[Finding]:
    """How Slack and GitHub reach us: tried, where it can be."""
    async with aiohttp.ClientSession() as session:
        found = [await _public(session, settings.public_url)] if settings.public_url else []
        if settings.slack_app_token is None:
            return _address(settings) + found
        client = make_client("", settings.slack_api_url, session)
        return [await check_socket(client, settings.slack_app_token.get_secret_value()), *found]


async def _public(session: aiohttp.ClientSession, url: str) -> Finding:
    asked = f"{url}/healthz"
    try:
        async with session.get(asked, timeout=aiohttp.ClientTimeout(ANSWERS)) as response:
            said = await response.content.read(len(ALIVE))
            if response.status == 200 and said == ALIVE:
                return ok(f"Slipway answers at {url}.")
            what = f"{asked} is answered with {response.status}, but not by Slipway."
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        what = f"{asked} does not answer: {str(error) or type(error).__name__}."
    return warn(what, "Start `slipway serve`, then check the name, the proxy in front and its certificate.")


def _address(settings: Settings) -> list[Finding]:
    if settings.public_url is None or not settings.public_url.startswith("https://"):
        return [
            warn(
                f"Slack and GitHub must reach {settings.base_url}.",
                "Set SLIPWAY_PUBLIC_URL to an https:// address, or use Socket Mode (SLACK_APP_TOKEN).",
            )
        ]
    return []


def _print(findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in findings], indent=2) + "\n")
        return
    for each in findings:
        fix = f"\n      {each.fix}" if each.fix else ""
        sys.stdout.write(f"{MARKS[each.grade]}  {each.what}{fix}\n")
    wrong = sum(each.grade is Grade.FAIL for each in findings)
    sys.stdout.write(f"\n{wrong} to fix.\n" if wrong else "\nAll is well.\n")
