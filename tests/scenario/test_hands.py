"""Who committed and who merged what goes: asked of the code host where a rule wants it, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.scenario.house import House

APPROVALS = Path(__file__).parent / "approvals.yml"
PLAIN = "approvals: {count: 1, from: [sre], exclude: [requester], expires: 4h}"


def catalog(folder: Path, exclude: str) -> Path:
    """With other people kept from approving in staging."""
    written = folder / "slipway.yml"
    text = APPROVALS.read_text()
    assert PLAIN in text
    written.write_text(text.replace(PLAIN, PLAIN.replace("[requester]", f"[requester, {exclude}]")))
    return written


async def test_they_are_named_beforehand_and_kept_with_the_request(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=catalog(tmp_path, "committers, mergers")) as house:
        repository = house.play.github.world.repository("acme/api")
        assert repository is not None
        pull = repository.pulls[-1]
        pull.merged_by = house.play.github.world.users["margaret"]
        await house.says("linus", "#deploys", f"/deploy api staging {pull.merge_sha} dry-run")
        said = await house.answered("linus", "Dry run: api to staging would wait")
        assert "but not you, who would have asked, and not margaret, who had a hand in it" in said
        await house.says("linus", "#deploys", f"/deploy api staging {pull.merge_sha}")
        waiting = await house.reaches(State.WAITING)
        assert waiting.resolution is not None
        release = waiting.resolution.release
        assert (release.committer, release.mergers) == ("", ("margaret",))


async def test_who_pushed_it_nobody_can_say_so_it_stays_closed(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=catalog(tmp_path, "pushers")) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        ended = await house.ends()
        assert ended.state is State.REFUSED
        assert "staging asks for approvals without pushers." in ended.note
