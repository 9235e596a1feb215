"""What /approve and /reject have in common."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bot.core.catalog import Catalog
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.policy import visible_services
from bot.core.policy_version import read_policy
from bot.core.records import Deployment

_NUMBER = re.compile(r"#?([1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that somebody wants to decide on."""

    deployment: Deployment
    confirm: bool  # its environment's name must be typed


async def waiting_one(ctx: Context, number: str) -> Waiting:
    """By the number that people see; a hidden service's is not there."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise UserError(f"`{number}` is no number.", "", "Write the number of the card, such as `#42`.")
    deployment = await ctx.queries.deployment(ctx.workspace, int(match[1]))
    names = {service.name for service in visible_services(ctx.person, ctx.catalog)}
    if deployment is None or deployment.wish.service not in names:
        raise UserError(f"There is no deployment #{match[1]}.", "", "`/state` shows what there is.")
    return Waiting(deployment, wants_name(deployment, ctx.catalog))


def wants_name(deployment: Deployment, catalog: Catalog) -> bool:
    """Whether an approval takes the environment's name, under the policy of the request or today's."""
    asked = read_policy(json.loads(deployment.policy)) if deployment.policy else None
    environment = catalog.environment(deployment.wish.service, deployment.wish.environment)
    policies = [asked, environment.policy if environment else None]
    return any(policy.approvals.confirm for policy in policies if policy is not None)


def same_name(typed: str, name: str) -> bool:
    """Case and spaces don't matter; a person typed it."""
    return "".join(typed.lower().split()) == "".join(name.lower().split())
