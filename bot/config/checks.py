"""What a shape cannot see: names that must exist, words that must differ, people who must be somebody."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config.build_people import Directory
from bot.config.checks_alerts import check_alerts
from bot.config.checks_environment import check_environment, check_promotions
from bot.config.checks_subscriptions import check_subscriptions
from bot.config.checks_tags import check_tags
from bot.config.checks_workflows import check_workflows
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import CatalogShape, DigestShape, ServiceShape
from bot.config.voters import nobody
from bot.core.catalog import Every
from bot.core.grammar_words import GrammarWord
from bot.core.rules import Right

VERSION = 1


def check(shape: CatalogShape, findings: Findings) -> None:
    """Every mistake and every warning of the whole catalog."""
    _check_version(shape, findings)
    directory = Directory(shape.people)
    _check_people(shape, directory, findings)
    _check_rights((), shape.rights, findings)
    if not shape.services and not findings.names("services"):
        findings.wrong(("services",), "there are no services", "begin with the example in docs/catalog.md")
    _check_disjoint(shape, findings)
    for name, service in shape.services.items():
        _check_service(("services", name), service, directory, findings)
        check_workflows(("services", name), shape, service, directory, findings)
    check_tags(shape.services, findings)
    check_alerts(shape, findings)
    for index, digest in enumerate(shape.digests):
        _check_digest(("digests", index), digest, findings)
    check_subscriptions(shape, findings)


def _check_rights(path: Path, rights: Mapping[Right, tuple[str, ...]], findings: Findings) -> None:
    for right, names in rights.items():
        findings.people((*path, "rights", right.value), names)


def _check_version(shape: CatalogShape, findings: Findings) -> None:
    if not findings.is_written(("version",)):
        findings.wrong((), "`version` is missing", f"write `version: {VERSION}` at the top")
    elif shape.version != VERSION:
        findings.wrong(("version",), f"version {shape.version} is not known", f"this Slipway reads {VERSION}")


def _check_people(shape: CatalogShape, directory: Directory, findings: Findings) -> None:
    for name, people in shape.people.items():
        path = ("people", name)
        alone = people.model_fields_set - {"all"}
        if people.all and alone:
            other = f"`all` stands alone, not beside `{min(alone)}`"
            findings.wrong((*path, "all"), other, "name the other part under `people:` too")
        findings.people((*path, "any"), people.any)
        findings.people((*path, "all"), people.all)
        circle = directory.circle(name)
        if circle and circle[0] == name:
            findings.wrong(path, f"these people go in a circle: {' > '.join(circle)}", key=True)
        elif not circle and nobody(directory.who([name])):
            findings.wrong(path, f"`{name}` can have no members", "name a source, such as `users:`", key=True)


def _check_disjoint(shape: CatalogShape, findings: Findings) -> None:
    """A word of the chat must have one meaning."""
    words = {each.value for each in GrammarWord}
    for name, service in shape.services.items():
        path: Path = ("services", name)
        if name in words:
            findings.wrong(
                path, f"`{name}` is a word of the chat grammar", "call the service otherwise", key=True
            )
        for environment in service.environments:
            where = (*path, "environments", environment)
            if environment in words:
                hint = "call the environment otherwise"
                findings.wrong(where, f"`{environment}` is a word of the chat grammar", hint, key=True)
            if environment in shape.services:
                hint = "rename one of the two"
                findings.wrong(where, f"`{environment}` is also the name of a service", hint, key=True)


def _check_service(path: Path, service: ServiceShape, directory: Directory, findings: Findings) -> None:
    if service.repository is None and not findings.is_written((*path, "repository")):
        findings.wrong(path, "`repository` is missing", "such as github:acme/api", key=True)
    findings.people((*path, "owners"), service.owners)
    findings.people((*path, "visible_to"), service.visible_to or ())
    if service.visible_to is not None and not service.visible_to:
        findings.wrong((*path, "visible_to"), "a service that nobody can see", "leave it out for everybody")
    _check_rights(path, service.rights, findings)
    environments = (*path, "environments")
    if not service.environments and not findings.names(*map(str, environments)):
        findings.wrong(path, "this service has no environments", "add `environments:`", key=True)
    for name, environment in service.environments.items():
        check_environment((*environments, name), service, environment, directory, findings)
    check_promotions(environments, service.environments, findings)


def _check_digest(path: Path, digest: DigestShape, findings: Findings) -> None:
    known = findings.names("services")
    for index, name in enumerate(digest.services):
        if name not in known:
            findings.unknown((*path, "services", index), "service", name, known, "there is no such service")
    if digest.every is Every.WEEK and digest.on is None and not findings.is_written((*path, "on")):
        findings.wrong(path, "a weekly digest needs a day", "such as `on: monday`")
    if digest.every is not Every.WEEK and digest.on is not None:
        findings.wrong((*path, "on"), f"`on` has no meaning with `every: {digest.every}`", "leave it out")
