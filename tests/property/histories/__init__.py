"""Where a rollback leads after any history: a second opinion, and histories to ask both for theirs."""
