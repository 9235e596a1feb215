"""TaskFlow's alerting rules do what their names say, by the judgement of Prometheus's own tool."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.prometheus_server import installed

RULES = Path(__file__).parents[2] / "examples" / "taskflow" / "prometheus" / "alerts.yml"
OF = 'service="backend",environment="production"'
LABELS = {"service": "backend", "environment": "production"}
SLOW = "One answer in twenty of backend takes longer than 12.5s, 5 s are allowed"
REQUESTS, BUCKET = "http_requests_total", "http_request_duration_seconds_bucket"


def requests(fine: int, failed: int) -> list[dict[str, str]]:
    """So many more of each every minute."""
    return [
        {"series": f'{REQUESTS}{{{OF},status="200"}}', "values": f"0+{fine}x30"},
        {"series": f'{REQUESTS}{{{OF},status="503"}}', "values": f"0+{failed}x30"},
    ]


def answers(fast: int, slow: int) -> list[dict[str, str]]:
    """So many more within a second, and within twenty, every minute."""
    buckets = {"1": fast, "5": fast, "20": fast + slow, "+Inf": fast + slow}
    return [
        {"series": f'{BUCKET}{{{OF},le="{bound}"}}', "values": f"0+{count}x30"}
        for bound, count in buckets.items()
    ]


@pytest.mark.parametrize(
    ("series", "name", "minute", "summary"),
    [
        (requests(94, 6), "HighErrorRate", 7, "6% of the requests to backend fail, 5 % are allowed"),
        (requests(94, 6), "HighErrorRate", 4, ""),  # not for five minutes yet
        (requests(95, 5), "HighErrorRate", 20, ""),  # 5 % is allowed
        (requests(100, 0), "HighErrorRate", 20, ""),
        (answers(90, 10), "SlowResponses", 7, SLOW),
        (answers(90, 10), "SlowResponses", 4, ""),
        (answers(95, 5), "SlowResponses", 20, ""),
    ],
)
async def test_a_rule_fires_when_it_should(
    series: list[dict[str, str]], name: str, minute: int, summary: str, tmp_path: Path
) -> None:
    severity = {"HighErrorRate": "critical", "SlowResponses": "warning"}[name]
    alert = {"exp_labels": LABELS | {"severity": severity}, "exp_annotations": {"summary": summary}}
    case: dict[str, Any] = {
        "eval_time": f"{minute}m",
        "alertname": name,
        "exp_alerts": [alert] if summary else [],
    }
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "30s",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": [case]}],
    }
    (tmp_path / "test.yml").write_text(json.dumps(test))
    process = await asyncio.create_subprocess_exec(
        installed("promtool"), "test", "rules", "test.yml", cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
