"""Look for secrets in every tracked file: the patterns of detect-secrets, and those it does not know.

A value that is meant to look like a secret gets `pragma: allowlist secret` in a comment on its line.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

# No entropy and no keyword detectors: hashes in lock files and the word "token" are no secrets.
DETECTORS = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "IbmCloudIamDetector",
    "IbmCosHmacDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SoftlayerDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
FILTERS = (
    "detect_secrets.filters.allowlist.is_line_allowlisted",
    "detect_secrets.filters.heuristic.is_indirect_reference",
    "detect_secrets.filters.heuristic.is_templated_secret",
)
PLACEHOLDERS = {"p", "password", "PASSWORD", "secret"}  # as in postgresql://user:password@host/name
ALLOWED = re.compile(r"pragma: ?allowlist secret")
PATTERNS = {
    "GitHub fine-grained token": re.compile(r"github_pat_[A-Za-z0-9_]{22,}"),
    "Slack app-level token": re.compile(r"xapp-\d-[A-Z0-9]+-\d+-[0-9a-f]{16,}"),
    "Slack configuration token": re.compile(r"xoxe(\.xox[bp])?-\d-[A-Za-z0-9]{20,}"),
    "Slack signing secret": re.compile(r"(?i)signing.?secret\W{1,6}[0-9a-f]{32}(?![0-9a-f])"),
    "Jenkins API token": re.compile(r"(?<![0-9A-Za-z])11[0-9a-f]{32}(?![0-9A-Za-z])"),
    "Fernet key": re.compile(r"(?<![\w+/-])[\w-]{42}[AEIMQUYcgkosw048]=(?![\w=])", re.ASCII),
}


@dataclass(frozen=True, order=True)
class Finding:
    """A line that seems to hold a secret; the secret itself is not repeated."""

    path: Path
    line: int
    kind: str


def find_by_pattern(path: Path) -> Iterator[Finding]:
    """What our own patterns find."""
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
        if not ALLOWED.search(line):
            yield from (
                Finding(path, number, kind) for kind, pattern in PATTERNS.items() if pattern.search(line)
            )


def find_by_detectors(path: Path) -> Iterator[Finding]:
    """What detect-secrets finds; it asks no service whether a secret is live."""
    plugins = [{"name": name} for name in DETECTORS]
    with transient_settings({"plugins_used": plugins, "filters_used": [{"path": each} for each in FILTERS]}):
        for found in scan_file(str(path)):
            if found.secret_value not in PLACEHOLDERS:
                yield Finding(path, found.line_number, found.type)


def find_secrets(paths: Iterable[Path]) -> list[Finding]:
    """Every finding in these files, in order."""
    return sorted(
        finding
        for path in paths
        if path.is_file()
        for finder in (find_by_pattern, find_by_detectors)
        for finding in finder(path)
    )


def tracked_files() -> list[Path]:
    """The files that git keeps."""
    listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listing.split("\0") if name]


def main() -> int:
    """Scan the tracked files; 1 when one holds a secret."""
    paths = tracked_files()
    findings = find_secrets(paths)
    lines = [f"SECRET {each.path}:{each.line}: {each.kind}" for each in findings]
    lines.append(f"{len(paths)} tracked files searched, {len(findings)} possible secrets found")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
