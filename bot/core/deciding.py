"""What /approve and /reject have in common."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.accounts import identity_of
from bot.core.catalog import Catalog, Policy
from bot.core.command import Context
from bot.core.errors import Denied, UserError
from bot.core.identity import NEEDED
from bot.core.paging import number_of
from bot.core.pipelines import Repository
from bot.core.policy import visible_names
from bot.core.policy_version import policies_of
from bot.core.records import Deployment
from bot.core.values import Person
from bot.core.votes import VoteKind
from bot.core.voting import compares_accounts, must_be_voter


async def visible_one(ctx: Context, word: str) -> Deployment:
    """By the number that people see; a hidden service's is not there."""
    number = number_of(word)
    if number is None:
        raise UserError(f"`{word}` is no number.", "", "Write the number of the card, such as `#42`.")
    found = await ctx.queries.deployment(ctx.workspace, number)
    if found is None or found.wish.service not in visible_names(ctx.person, ctx.catalog):
        raise UserError(f"There is no deployment #{number}.", "", "`/state` shows what there is.")
    return found


async def writer(ctx: Context, deployment: Deployment) -> Person:
    """Who decides, by their login of today; Denied where only who may write decides, and they may not."""
    repository = compared_in(deployment, ctx.catalog)
    if repository is None or ctx.person.login is None:
        return ctx.person  # who has no account is told so by the rule itself
    found = await identity_of(ctx.accounts, repository, ctx.person)
    if found.role < NEEDED:
        raise Denied(
            f"You can't decide on #{deployment.number}.",
            f"{ctx.person.login} may not write to {repository.full_name}.",
            "Ask somebody who may.",
        )
    return replace(ctx.person, login=found.login)


def compared_in(deployment: Deployment, catalog: Catalog) -> Repository | None:
    """Where whoever approves must be somebody who may write, if a rule asks for their account at all."""
    policies = deciding_policies(deployment, catalog)
    found = (policy for policy in policies if compares_accounts(deployment, policy))
    return next((policy.repository for policy in found), None)


def must_decide(
    person: Person, deployment: Deployment, catalog: Catalog, now: datetime, kind: VoteKind
) -> None:
    """Under the policy it was asked under, or the one of today: each counts its own people. Else Denied."""
    refused: Denied | None = None
    for policy in deciding_policies(deployment, catalog):
        try:
            must_be_voter(person, deployment, policy, now, kind)
        except Denied as denied:
            refused = refused or denied
        else:
            return
    raise refused or UserError(f"Nobody has to approve #{deployment.number}.")


def deciding_policies(deployment: Deployment, catalog: Catalog) -> tuple[Policy, ...]:
    """Those of its policies that ask for approvals."""
    return tuple(each for each in policies_of(deployment, catalog) if each.approvals.rules)


def wants_name(deployment: Deployment, catalog: Catalog) -> bool:
    """Whether an approval takes the environment's name, under either policy."""
    return any(policy.approvals.confirm for policy in deciding_policies(deployment, catalog))


def same_name(typed: str, name: str) -> bool:
    """Case and spaces don't matter; a person typed it."""
    return "".join(typed.lower().split()) == "".join(name.lower().split())
