"""The closed lists of the GitHub stand-in: places where faults can be put, states, events, acts."""

from __future__ import annotations

from enum import StrEnum


class Where(StrEnum):
    """One kind of call to the API; faults and the journal use these names."""

    META = "meta.get"
    RATE_LIMIT = "rate_limit.get"
    USER = "user.get"
    ORGANIZATION = "organization.get"
    TEAMS_LIST = "teams.list"
    TEAM = "team.get"
    TEAM_MEMBERS = "team.members"
    TEAM_MEMBERSHIP = "team.membership"
    ORGANIZATION_MEMBERS = "organization.members"
    REPOSITORY = "repo.get"
    REPOSITORIES_LIST = "repos.list"
    PERMISSION = "permission.get"
    CONTENTS = "contents.get"
    BRANCHES_LIST = "branches.list"
    BRANCH = "branch.get"
    TAGS_LIST = "tags.list"
    REFS_LIST = "refs.list"
    REF = "ref.get"
    REF_CREATE = "ref.create"
    REF_UPDATE = "ref.update"
    REF_DELETE = "ref.delete"
    TAG_OBJECT = "tag.get"
    COMMITS_LIST = "commits.list"
    COMMIT = "commit.get"
    COMMIT_BRANCHES = "commit.branches"
    COMMIT_PULLS = "commit.pulls"
    PULL = "pull.get"
    COMPARE = "compare"
    CHECK_RUNS = "check_runs.list"
    CHECK_SUITES = "check_suites.list"
    STATUS = "status.get"
    STATUSES = "statuses.list"
    STATUS_CREATE = "status.create"
    WORKFLOWS_LIST = "workflows.list"
    WORKFLOW = "workflow.get"
    WORKFLOW_SWITCH = "workflow.switch"
    DISPATCH = "workflow.dispatch"
    RUNS_LIST = "runs.list"
    RUN = "run.get"
    RUN_CANCEL = "run.cancel"
    RUN_RERUN = "run.rerun"
    RUN_LOGS = "run.logs"
    RUN_APPROVALS = "run.approvals"
    PENDING_DEPLOYMENTS = "pending_deployments.list"
    PENDING_REVIEW = "pending_deployments.review"
    PROTECTION_RULE = "protection_rule.answer"
    JOBS_LIST = "jobs.list"
    JOB = "job.get"
    JOB_LOGS = "job.logs"
    JOB_RERUN = "job.rerun"
    ARTIFACTS_LIST = "artifacts.list"
    ARTIFACT = "artifact.get"
    ARTIFACT_ZIP = "artifact.zip"
    ARTIFACT_STORE = "artifact.store"
    ENVIRONMENTS_LIST = "environments.list"
    ENVIRONMENT = "environment.get"
    BRANCH_POLICIES = "environment.policies"
    PROTECTION_RULES = "environment.rules"
    DEPLOYMENTS_LIST = "deployments.list"
    DEPLOYMENT = "deployment.get"
    DEPLOYMENT_CREATE = "deployment.create"
    DEPLOYMENT_STATUSES = "deployment.statuses"
    DEPLOYMENT_STATUS_CREATE = "deployment.status_create"
    RELEASES_LIST = "releases.list"
    RELEASE = "release.get"
    APP = "app.get"
    INSTALLATIONS_LIST = "installations.list"
    INSTALLATION = "installation.get"
    INSTALLATION_TOKEN = "installation.token"
    HOOKS_LIST = "hooks.list"
    DELIVERIES_LIST = "deliveries.list"
    DELIVERY = "delivery.get"
    DELIVERY_AGAIN = "delivery.redeliver"
    OAUTH_AUTHORIZE = "oauth.authorize"
    OAUTH_TOKEN = "oauth.token"


class Status(StrEnum):
    """What GitHub says about a run, a job or a step that has not ended, or that it has."""

    REQUESTED = "requested"
    QUEUED = "queued"
    PENDING = "pending"
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Conclusion(StrEnum):
    """How something completed ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    NEUTRAL = "neutral"
    TIMED_OUT = "timed_out"
    ACTION_REQUIRED = "action_required"
    STARTUP_FAILURE = "startup_failure"
    STALE = "stale"


class DeploymentState(StrEnum):
    """The state of a deployment status."""

    ERROR = "error"
    FAILURE = "failure"
    INACTIVE = "inactive"
    PENDING = "pending"
    SUCCESS = "success"
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"


class Trigger(StrEnum):
    """The event that started a run."""

    DISPATCH = "workflow_dispatch"
    PUSH = "push"
    SCHEDULE = "schedule"
    PULL_REQUEST = "pull_request"


class Event(StrEnum):
    """The webhooks this stand-in sends."""

    WORKFLOW_RUN = "workflow_run"
    WORKFLOW_JOB = "workflow_job"
    CHECK_RUN = "check_run"
    CHECK_SUITE = "check_suite"
    DEPLOYMENT = "deployment"
    DEPLOYMENT_STATUS = "deployment_status"
    DEPLOYMENT_PROTECTION_RULE = "deployment_protection_rule"
    DEPLOYMENT_REVIEW = "deployment_review"
    PUSH = "push"
    CREATE = "create"
    DELETE = "delete"
    STATUS = "status"
    RELEASE = "release"


class WebhookMode(StrEnum):
    """How webhooks are delivered from now on."""

    ON = "on"
    DROP = "drop"
    DUPLICATE = "duplicate"
    SHUFFLE = "shuffle"


class WorkflowState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled_manually"


class Guard(StrEnum):
    """Who has to say yes before a job enters an environment."""

    REVIEWERS = "reviewers"
    RULE = "rule"


class Gate(StrEnum):
    """What is on record at a protection rule or a required review."""

    APPROVED = "approved"
    REJECTED = "rejected"
    PENDING = "pending"  # a comment of the App that decided nothing


class ActName(StrEnum):
    """What the control (and the director) can make happen."""

    LATE_LISTING = "late_listing"
    FAIL_NEXT = "fail_next"
    HOLD_NEXT = "hold_next"
    FINISH_NOW = "finish_now"
    MOVE_BRANCH = "move_branch"
    FORCE_PUSH = "force_push"
    ADD_COMMIT = "add_commit"
    CREATE_TAG = "create_tag"
    MOVE_TAG = "move_tag"
    CANCEL_RUN = "cancel_run"
    RERUN = "rerun"
    START_RUN = "start_run"
    DISABLE_WORKFLOW = "disable_workflow"
    PROTECT = "protect"
    REVIEW = "review"
    EXPIRE_GATES = "expire_gates"
    GATE_TROUBLE = "gate_trouble"
    RENAME_REPOSITORY = "rename_repository"
    PUBLISH_RELEASE = "publish_release"
    EDIT_RELEASE = "edit_release"
    ADD_CHECK = "add_check"
    ADD_STATUS = "add_status"
    WEBHOOKS = "webhooks"
    OUTAGE = "outage"
    EXHAUST_RATE_LIMIT = "exhaust_rate_limit"
    RUNS = "runs"
    REPOSITORIES = "repositories"
