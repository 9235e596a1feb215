"""What `slipway doctor` says about asking GitHub for lost deliveries."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.doctor import doctor
from bot.playground.serve import Playground
from tests.fakes.ports import free_port

CATALOG = Path("tests/scenario/catalog.yml")
MANIFEST = Path("app-manifest.yml")


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        ("repo, workflow", "does not let us look at its webhooks"),
        ("repo, workflow, admin:org_hook", "could not deliver can be asked for again"),
    ],
)
async def test_it_says_whether_the_token_may(
    scopes: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    play = Playground(manifest_path=MANIFEST, bot_url=f"http://127.0.0.1:{port}")
    play.github.site.access.scopes = scopes
    await play.start()
    try:
        settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/none.db", "SLIPWAY_CONFIG": str(CATALOG)}
        await doctor(play.environment() | settings | {"SLIPWAY_PORT": str(port)}, as_json=False)
    finally:
        await play.stop()
    assert said in capsys.readouterr().out
