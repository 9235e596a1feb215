"""What must hold in one environment: somebody may deploy, approvals can be given, promotions lead on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.config.build_people import Directory
from bot.config.build_pipelines import rollback_shape
from bot.config.build_rules import build_approvals
from bot.config.checks_pipeline import check_pipelines
from bot.config.checks_rules import check_rules
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import EnvironmentShape, ServiceShape
from bot.config.shape_rules import ApprovalsShape
from bot.config.voters import can_be_given, nobody, only_slack_group
from bot.core.catalog import Tier
from bot.core.nearest import did_you_mean
from bot.core.people import Who
from bot.core.pipelines import Start
from bot.core.rules import Approvals


def check_environment(
    path: Path,
    service: ServiceShape,
    shape: EnvironmentShape,
    directory: Directory,
    findings: Findings,
) -> None:
    """Everything about one environment but its promotions."""
    _check_who(path, shape, directory, findings)
    requesters = directory.who(shape.who)
    _check_approvals((*path, "approvals"), shape.approvals, shape, requesters, directory, findings)
    if shape.rollback.approvals is not None:
        where = (*path, "rollback", "approvals")
        _check_approvals(where, shape.rollback.approvals, shape, requesters, directory, findings)
    check_rules(path, shape, findings)
    check_pipelines(path, service, shape, findings)
    _warn_of_automatic((*path, "rollback", "automatic"), shape, directory, findings)
    name = str(path[-1])
    if name in ("production", "prod", "live") and not findings.is_written((*path, "tier")):
        findings.warn(path, f"`{name}` has no tier", "write `tier: production` for its defaults", key=True)


def _warn_of_automatic(path: Path, shape: EnvironmentShape, directory: Directory, findings: Findings) -> None:
    """It would be made each time, only to end and leave the decision to people."""
    approvals = shape.rollback.approvals or shape.approvals
    pipeline = rollback_shape(shape) or shape.pipeline
    if not shape.rollback.automatic:
        return
    if build_approvals(approvals, directory).rules:
        what, hint = "people have to approve it", "add `approvals: {count: 0}` beside it, or leave it out"
        findings.warn(path, f"no rollback begins by itself where {what}", hint)
    if pipeline is not None and pipeline.start is Start.GATE:
        what, hint = (
            "a run has to wait for it",
            "add `start: dispatch` and `inputs` beside it, or leave it out",
        )
        findings.warn(path, f"no rollback begins by itself where {what}", hint)


def check_promotions(path: Path, environments: Mapping[str, EnvironmentShape], findings: Findings) -> None:
    """Each source must be another environment of the service, and none may lead back to itself."""
    known = findings.names(*map(str, path))
    ways = {
        name: tuple(each.environment for each in shape.promote_from) for name, shape in environments.items()
    }
    for name, sources in ways.items():
        where = (*path, name, "promote_from")
        for index, source in enumerate(sources):
            if source not in known:
                hint = did_you_mean(source, known) or f"this service has {', '.join(known)}"
                findings.wrong((*where, index, "environment"), f"unknown environment `{source}`", hint)
        circle = _circle(name, ways, ())
        if circle and min(circle) == name:
            findings.wrong(where, f"promotions go in a circle: {' > '.join(circle)}", key=True)


def _circle(name: str, ways: Mapping[str, Iterable[str]], above: tuple[str, ...]) -> tuple[str, ...]:
    if name in above:
        return (*above[above.index(name) :], name)
    found = (_circle(each, ways, (*above, name)) for each in ways.get(name, ()))
    return next((circle for circle in found if circle), ())


def _check_who(path: Path, shape: EnvironmentShape, directory: Directory, findings: Findings) -> None:
    where = (*path, "who")
    if not shape.who:
        if not findings.is_written(where):
            hint = "nobody may deploy here; name people, such as `who: [everyone]`"
            findings.wrong(path, "`who` is missing", hint, key=True)
        elif not findings.is_written((*where, 0)):
            findings.wrong(where, "`who` is empty, so nobody may deploy here", "name people")
    findings.people(where, shape.who)
    if shape.who and _all_known(shape.who, findings) and nobody(directory.who(shape.who)):
        findings.wrong(where, "nobody can be one of these", "give these people a source")
    findings.people((*path, "notify"), shape.notify)
    for right, names in shape.rights.items():
        findings.people((*path, "rights", right.value), names)


def _check_approvals(
    path: Path,
    shape: ApprovalsShape,
    environment: EnvironmentShape,
    requesters: Who,
    directory: Directory,
    findings: Findings,
) -> None:
    findings.people((*path, "from"), shape.voters)
    for index, rule in enumerate(shape.rules):
        findings.people((*path, "rules", index, "from"), rule.voters)
    if shape.rules and shape.count:
        findings.wrong((*path, "rules"), "`rules` and `count` exclude each other", "keep one", key=True)
    elif shape.count and not shape.voters:
        if not findings.is_written((*path, "from")):
            hint = "name the voters, such as `from: [sre]`"
            findings.wrong((*path, "count"), "an approval that nobody can give", hint)
        return
    names = (*shape.voters, *(name for rule in shape.rules for name in rule.voters), *environment.who)
    if not _all_known(names, findings):
        return
    approvals = build_approvals(shape, directory)
    if approvals.rules and not can_be_given(approvals, requesters):
        where = (*path, "rules" if shape.rules else "count")
        hint = "ask for fewer, or name more people; who asked does not count"
        findings.wrong(where, "approvals that nobody can give: there are not enough people", hint)
    if environment.tier is Tier.PRODUCTION:
        _warn_of_slack_groups(path, approvals, findings)


def _warn_of_slack_groups(path: Path, approvals: Approvals, findings: Findings) -> None:
    names = {each.name for rule in approvals.rules for each in rule.voters if only_slack_group(each.rule)}
    if names:
        listed = ", ".join(f"`{name}`" for name in sorted(names))
        findings.warn(
            path,
            f"membership of a Slack group alone gives a vote in production: {listed}",
            "its members may be able to edit it; use a GitHub team, or `{all: [...]}` of both",
        )


def _all_known(names: Iterable[str], findings: Findings) -> bool:
    return set(names) <= set(findings.names("people"))
