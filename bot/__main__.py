"""The command line. Exit codes: 0 well, 1 something failed, 2 wrong use or wrong settings."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from bot.core.errors import SlipwayError, UserError

OK, FAILED, USAGE = 0, 1, 2
DEMO_PORT = 8040
WAIT, LONGEST_WAIT = 1800, 86_400  # seconds

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; known mistakes are told in plain words, without a traceback."""
    given = _parser().parse_args(arguments)
    run: Run = given.run
    try:
        return run(given)
    except UserError as error:
        _tell(error.what, error.why, error.next)
    except SlipwayError as error:
        _tell(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return OK
    return USAGE


def _serve(_: argparse.Namespace) -> int:
    from bot.app import starting

    starting.begin()
    from bot.app.serving import serve

    asyncio.run(serve(os.environ))
    return OK


def _demo(given: argparse.Namespace) -> int:
    from bot.app.demo import demo
    from bot.engine.clock import SystemClock

    usual = ".demo" if given.port == DEMO_PORT else f".demo-{given.port}"
    folder = given.folder or Path(usual)
    asyncio.run(demo(given.port, folder, browser=not given.no_browser, clock=SystemClock()))
    return OK


def _playground(_: argparse.Namespace) -> int:
    from bot.playground.serve import run_playground

    asyncio.run(
        run_playground(
            slack_port=int(os.environ.get("SLIPWAY_PLAY_PAGE_PORT", "0")),
            github_port=int(os.environ.get("SLIPWAY_PLAY_GITHUB_PORT", "0")),
            bot_url=os.environ.get("SLIPWAY_PUBLIC_URL", "http://127.0.0.1:3000"),
            manifest_path=Path("app-manifest.yml"),
            environment=os.environ,
        )
    )
    return OK


def _check(given: argparse.Namespace) -> int:
    from bot.app.checking import check

    return check(given.catalog or Path(os.environ.get("SLIPWAY_CONFIG", "slipway.yml")), given.against)


def _migrate(_: argparse.Namespace) -> int:
    from bot.app.migrating import migrate

    migrate(os.environ)
    _say("The database is at this version's schema.")
    return OK


def _audit(given: argparse.Namespace) -> int:
    from bot.app.auditing import export, verify

    return asyncio.run(verify(os.environ) if given.what == "verify" else export(os.environ))


def _outbox(given: argparse.Namespace) -> int:
    from bot.app.outboxing import list_given_up, retry

    if given.what == "list":
        return asyncio.run(list_given_up(os.environ, as_json=given.json))
    if (given.id is None) is not given.all:
        raise UserError("What shall be tried again?", "", "Name one message by its id, or say --all.")
    return asyncio.run(retry(os.environ, given.id))


def _explain(given: argparse.Namespace) -> int:
    from bot.app.explaining import explain_person

    return asyncio.run(explain_person(os.environ, given.person, given.service, given.environment))


def _rollback(given: argparse.Namespace) -> int:
    from bot.app.rolling_back import Order, is_sure, roll_back

    wait = timedelta(seconds=given.timeout) if given.wait else None
    what = (given.service, given.environment, given.to, given.because)
    return roll_back(os.environ, Order(*what, sure=given.yes, as_json=given.json, wait=wait), is_sure)


def _doctor(given: argparse.Namespace) -> int:
    from bot.app.doctor import doctor

    return asyncio.run(doctor(os.environ, as_json=given.json))


def _manifest(given: argparse.Namespace) -> int:
    from bot.app.checking import command_prefix
    from bot.app.generated import check, write
    from bot.slack.manifest import manifest, render
    from commands import COMMANDS

    if given.check:
        return check()
    if given.write:
        return write()
    prefix = command_prefix(os.environ) if given.prefix is None else given.prefix
    made = manifest(COMMANDS, prefix, given.url, given.github)
    sys.stdout.write(json.dumps(made, indent=2) + "\n" if given.json else render(made))
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway", description="Launches releases and hauls them back.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Run, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        return added

    add("serve", _serve, "run the bot (settings come from the environment, see docs/catalog.md)")
    demo = add("demo", _demo, "run the bot with stand-ins for Slack and GitHub, and a page in the browser")
    demo.add_argument("--port", type=int, default=DEMO_PORT, help="where the page listens (%(default)s)")
    demo.add_argument("--folder", type=Path, help="database and logs (.demo, or .demo-PORT); it is emptied")
    demo.add_argument("--no-browser", action="store_true", help="only print the address")
    add("playground", _playground, "run only the stand-ins")
    check = add("check", _check, "check slipway.yml, all mistakes at once")
    check.add_argument("catalog", nargs="?", type=Path, help="the file or folder (SLIPWAY_CONFIG)")
    check.add_argument("--against", type=Path, metavar="OLD", help="say what gets stricter or looser")
    add("migrate", _migrate, "bring the database to this version's schema")
    audit = add("audit", _audit, "verify the audit trail, or write it out as JSON lines")
    audit.add_argument("what", choices=["verify", "export"])
    letters = add("outbox", _outbox, "list what could not be said and was given up, or have it tried again")
    letters.add_argument("what", choices=["list", "retry"])
    letters.add_argument("id", nargs="?", help="of one message, as the list shows it")
    letters.add_argument("--all", action="store_true", help="all that was given up")
    letters.add_argument("--json", action="store_true", help="for machines")
    explain = add("explain", _explain, "show what a person may do in a place, and what decides it")
    explain.add_argument("person", help="their Slack member ID, such as U024BE7LH")
    explain.add_argument("service")
    explain.add_argument("environment")
    _add_rollback(add("rollback", _rollback, "bring back what ran well before, while Slack is away"))
    doctor = add("doctor", _doctor, "check every token, scope, address and the database, and say what to fix")
    doctor.add_argument("--json", action="store_true", help="for machines")
    made = add("manifest", _manifest, "print the app manifest for Slack")
    made.add_argument("--write", action="store_true", help="write app-manifest.yml and the README's table")
    made.add_argument("--check", action="store_true", help="fail when they are stale")
    made.add_argument("--prefix", help="rename every command, for instance x- (SLIPWAY_COMMAND_PREFIX)")
    made.add_argument("--url", default="https://slipway.example.com", help="where Slack reaches the bot")
    github = os.environ.get("GITHUB_WEB_URL") or "https://github.com"
    made.add_argument("--github", default=github, help="where its pages are (GITHUB_WEB_URL)")
    made.add_argument("--json", action="store_true", help="JSON instead of YAML")
    return parser


def _add_rollback(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service")
    parser.add_argument("environment")
    parser.add_argument("--to", metavar="VERSION", help="a deployment such as 118, a tag or a commit")
    parser.add_argument("--because", metavar="TEXT", default="", help="why; it stands on the card")
    parser.add_argument("--yes", action="store_true", help="do not ask; without a terminal nobody is asked")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--wait", action="store_true", help="follow it to its end")
    parser.add_argument("--timeout", type=_seconds, default=WAIT, help="seconds to follow it (%(default)s)")


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds up to {LONGEST_WAIT}")
    return int(text)


def _tell(*parts: str) -> None:
    sys.stderr.write("\n".join(part for part in parts if part) + "\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
