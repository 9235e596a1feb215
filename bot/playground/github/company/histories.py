"""What was committed at Acme, oldest first: who, how many hours ago, what, and which files."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.playground.github.company.people import ADA, GRACE, LINUS, MARGARET, Person

Sizes = dict[str, tuple[int, int]]
MAIN = "main"


@dataclass(frozen=True)
class Change:
    """One commit; with `pull` it came through a squashed pull request."""

    author: Person
    hours: float
    message: str
    files: Sizes
    pull: int | None = None
    with_author: Person | None = None
    branch: str = MAIN
    tag: str | None = None
    tag_note: str | None = None


@dataclass(frozen=True)
class Project:
    """One repository and the workflows in it."""

    name: str
    description: str
    language: str
    changes: tuple[Change, ...]
    workflows: tuple[str, ...] = ("ci.yml", "deploy.yml", "rollback.yml", "smoke.yml", "release.yml")
    environments: tuple[str, ...] = ("staging", "production")
    roles: dict[str, str] = field(
        default_factory=lambda: {"ada": "admin", "grace": "maintain", "linus": "write", "margaret": "write"}
    )


API = Project(
    "api",
    "The public API",
    "Python",
    (
        Change(GRACE, 1100, "Start the API", {"src/app.py": (120, 0), "README.md": (20, 0)}, tag="v1.3.0"),
        Change(LINUS, 620, "Add cursor pagination to orders", {"src/orders.py": (84, 12)}, 201),
        Change(ADA, 500, "Export request metrics", {"src/metrics.py": (41, 0), "src/app.py": (3, 1)}, 204),
        Change(
            MARGARET,
            340,
            "Retry webhooks with back-off",
            {"src/webhooks.py": (63, 20), "tests/test_webhooks.py": (48, 0)},
            207,
            tag="v1.4.0",
            tag_note="Release 1.4.0",
        ),
        Change(
            GRACE,
            196,
            "Store refunds",
            {"db/migrations/0042_refunds.sql": (18, 0), "src/refunds.py": (97, 0)},
            211,
            with_author=MARGARET,
        ),
        Change(LINUS, 120, "Answer 404 for unknown orders", {"src/orders.py": (9, 4)}, 212, tag="v1.4.1"),
        Change(MARGARET, 52, "Speed up the order search", {"src/search.py": (55, 31)}, 214),
        Change(
            ADA,
            27,
            "Time out slow database calls",
            {"src/db.py": (12, 3)},
            215,
            tag="v1.5.0",
            tag_note="Release 1.5.0",
        ),
        Change(
            LINUS,
            6,
            "Return refunds with orders",
            {"src/orders.py": (22, 5), "tests/test_orders.py": (31, 0)},
            218,
        ),
        Change(GRACE, 1.5, "Log the request id of each refund", {"src/refunds.py": (6, 2)}, 219),
        Change(
            GRACE, 4, "Try refunds by webhook", {"src/webhooks.py": (35, 2)}, branch="feature/refund-webhooks"
        ),
        Change(
            LINUS,
            0.8,
            "Guard against a missing currency",
            {"src/refunds.py": (4, 1)},
            branch="hotfix/currency",
        ),
    ),
)
WEB = Project(
    "web",
    "The shop in the browser",
    "TypeScript",
    (
        Change(LINUS, 900, "Start the shop", {"src/main.ts": (60, 0), "README.md": (14, 0)}, tag="v2.1.0"),
        Change(MARGARET, 410, "Show delivery dates in the cart", {"src/cart.ts": (47, 8)}, 88),
        Change(LINUS, 260, "Load pictures lazily", {"src/pictures.ts": (29, 11)}, 90, tag="v2.2.0"),
        Change(GRACE, 77, "Offer refunds in the account page", {"src/account.ts": (88, 14)}, 93),
        Change(
            LINUS, 9, "Fix the focus order of the checkout", {"src/checkout.ts": (13, 9)}, 95, tag="v2.2.1"
        ),
        Change(MARGARET, 2, "Translate the order confirmation", {"src/i18n.ts": (120, 3)}, 96),
    ),
)
PAYMENTS = Project(
    "payments",
    "Charges and refunds",
    "Go",
    (
        Change(
            GRACE,
            1300,
            "Start the payment service",
            {"main.go": (140, 0), "README.md": (11, 0)},
            tag="v3.0.0",
        ),
        Change(GRACE, 700, "Keep an idempotency key for each charge", {"charge.go": (71, 9)}, 41),
        Change(
            MARGARET,
            300,
            "Reconcile with the bank each night",
            {"reconcile.go": (160, 0)},
            44,
            tag="v3.1.0",
            tag_note="Release 3.1.0",
        ),
        Change(
            GRACE,
            90,
            "Split charges over two cards",
            {"charge.go": (53, 17), "db/migrations/0017_split.sql": (9, 0)},
            46,
            with_author=LINUS,
        ),
        Change(MARGARET, 20, "Refuse a refund above the charge", {"refund.go": (15, 2)}, 47, tag="v3.1.1"),
        Change(GRACE, 3, "Round to the smallest unit of each currency", {"money.go": (24, 11)}, 48),
    ),
)
WORKER = Project(
    "worker",
    "Jobs in the background",
    "Python",
    (
        Change(
            MARGARET, 800, "Start the worker", {"worker/main.py": (75, 0), "README.md": (9, 0)}, tag="v0.8.0"
        ),
        Change(ADA, 330, "Drain before stopping", {"worker/drain.py": (38, 0)}, 27),
        Change(LINUS, 150, "Send mails in batches", {"worker/mail.py": (44, 19)}, 29, tag="v0.9.0"),
        Change(ADA, 14, "Report the age of the oldest job", {"worker/metrics.py": (17, 0)}, 31, tag="v0.9.1"),
        Change(MARGARET, 5, "Stop retrying jobs that can't succeed", {"worker/retry.py": (20, 8)}, 32),
    ),
)
INFRASTRUCTURE = Project(
    "infrastructure",
    "Clusters, networks and what else runs Acme",
    "HCL",
    (
        Change(ADA, 1500, "Describe the clusters", {"main.tf": (210, 0), "README.md": (18, 0)}),
        Change(ADA, 240, "Give staging a second node", {"staging.tf": (3, 1)}),
        Change(LINUS, 40, "Raise the memory of the worker", {"worker.tf": (1, 1)}, 12),
    ),
    workflows=("ci.yml", "terraform.yml"),
)
PROJECTS = (API, WEB, PAYMENTS, WORKER, INFRASTRUCTURE)
