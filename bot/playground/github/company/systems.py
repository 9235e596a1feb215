"""What two other teams committed, whose ways of going back are tried here; v1.2.0 brings a migration."""

from __future__ import annotations

from bot.playground.github.company.histories import Change, Project
from bot.playground.github.company.people import LINUS

TASKFLOW_BACKEND = Project(
    "backend",
    "Tasks, boards and who does what",
    "TypeScript",
    (
        Change(LINUS, 700, "Start the backend", {"src/server.ts": (90, 0)}, tag="v1.0.0"),
        Change(LINUS, 300, "Sort tasks by their due date", {"src/tasks.ts": (31, 9)}, 12, tag="v1.1.0"),
        Change(LINUS, 200, "Remind people of late tasks", {"src/mail.ts": (27, 2)}, 13, tag="v1.1.1"),
        Change(LINUS, 90, "Keep labels of tasks", {"migrations/0007_labels.sql": (14, 0)}, 14),
        Change(LINUS, 40, "Show labels on boards", {"src/boards.ts": (52, 6)}, 15, tag="v1.2.0"),
    ),
    environments=("development", "staging", "production"),
)
MARKETPLACE = Project(
    "marketplace",
    "Buyers, sellers and their orders",
    "Python",
    (
        Change(LINUS, 800, "Start the marketplace", {"shop/app.py": (140, 0)}, tag="v1.0.0"),
        Change(LINUS, 320, "Answer searches from the index", {"shop/search.py": (44, 12)}, 61, tag="v1.1.0"),
        Change(LINUS, 210, "Round prices per seller", {"shop/prices.py": (12, 8)}, 62, tag="v1.1.1"),
        Change(LINUS, 80, "Split orders by seller", {"db/migrations/0031_split.sql": (22, 0)}, 64),
        Change(LINUS, 30, "Pay each seller on their own", {"shop/payouts.py": (71, 3)}, 66, tag="v1.2.0"),
    ),
    workflows=(
        "test.yml",
        "security.yml",
        "build.yml",
        "deploy-staging.yml",
        "deploy-production.yml",
        "restore.yml",
    ),
)
