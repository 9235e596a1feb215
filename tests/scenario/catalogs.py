"""The scenario's catalog with a rule or two more."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.house import CATALOG

STAGING = '      staging:\n        refs: ["*"]\n'
PRODUCTION = "      production:\n"

# With a source of metrics, and what is measured in staging; both are filled in.
VERIFIED = """
version: 1
slack: {{channel: "#deploys"}}
people:
  everyone: {{members: true}}
  sre: {{slack_group: sre}}
prometheus:
  main: {{url: "{source}"}}
services:
  api:
    repository: github:acme/api
    owners: [sre]
    pipeline:
      workflow: deploy.yml
      pin: tag
      inputs: {{environment: "{{environment}}", version: "{{sha}}", operation: "{{key}}"}}
    environments:
      staging:
        refs: ["*"]
        who: [sre]
        verify: [{rules}]
"""


def with_rule(folder: Path, rule: str, below: str = STAGING) -> Path:
    """A catalog whose api asks for this as well, in one of its environments."""
    text = CATALOG.read_text()
    assert below in text
    file = folder / "slipway.yml"
    file.write_text(text.replace(below, f"{below}        {rule}\n", 1))
    return file
