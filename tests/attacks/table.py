"""Every kind of attack. A new one is a function, and a line here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.attacks import code, holds, people, words
from tests.attacks.stage import Stage

# It tries, and answers with what the audit trail must say of it by the end, as a regular expression.
Attack = Callable[[Stage], Awaitable[str]]

ATTACKS: tuple[Attack, ...] = (
    code.fork_commit,
    code.unmerged_tag,
    code.tag_named_main,
    code.forged_status,
    code.other_workflow,
    code.branch_moved,
    code.force_pushed,
    code.tag_moved,
    code.workflow_changed,
    code.pin_taken,
    people.by_requester,
    people.by_author,
    people.by_guest,
    people.by_stranger,
    people.by_deactivated,
    people.left_after_voting,
    people.twice,
    people.after_expiry,
    people.other_workspace,
    people.hijacked_link,
    holds.quarantined,
    holds.unticked,
    holds.overridden,
    holds.untyped_emergency,
    words.secret_input,
    words.input_edited,
    words.policy_changed,
    words.old_button,
    words.replayed,
)
