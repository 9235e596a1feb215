"""What a browser sees while accounts are linked: plain pages, every foreign word escaped, no script."""

from __future__ import annotations

from html import escape

from bot.core.errors import UserError
from bot.core.linking import LinkAttempt

STYLE = """
:root { color-scheme: light dark; --line: #8886; --accent: #1d6fa5; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --accent: #6cb6e8; --bad: #f2b8b5; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.35rem; line-height: 1.25; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1rem; border: 1px solid var(--line);
     border-radius: 8px; padding: 1rem; margin: 1.25rem 0; }
dt { opacity: .75; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.warning { border-left: 4px solid var(--bad); padding-left: .8rem; }
.error { color: var(--bad); font-weight: 600; }
label { display: block; margin: 1rem 0 .3rem; font-weight: 600; }
input, button { font: inherit; padding: .55rem .8rem; border-radius: 6px; border: 1px solid var(--line); }
input { width: 11rem; letter-spacing: .12em; margin: 0 .4rem .6rem 0; }
button { background: var(--accent); color: Canvas; border-color: transparent; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
"""


def start(attempt: LinkAttempt, form: str) -> str:
    """Before anything happens: whose link it is, and a button."""
    name = _named(attempt)
    return _page(
        "Link your GitHub user",
        f"<p>In Slack you are <strong>{name}</strong>. GitHub will be asked who you are there.</p>"
        f'<p class="warning">Go on only if you are {name} and asked for this link yourself. If somebody '
        "sent it to you, close this page: they could act in your name.</p>"
        f'<form method="post">{_hidden(form)}<button>Continue to GitHub</button></form>',
    )


def ask_code(attempt: LinkAttempt, form: str, wrong: UserError | None = None) -> str:
    """Both accounts by name, and a field for the code that only one of the two can read."""
    login = escape(attempt.account.login if attempt.account else "")
    name = _named(attempt)
    error = f'<p class="error" role="alert">{_told(wrong)}</p>' if wrong else ""
    return _page(
        "Is this you, twice?",
        f"<dl><dt>In Slack</dt><dd>{name}</dd><dt>At GitHub</dt><dd>{login}</dd></dl>"
        f"<p>Slipway has just sent a code to {name} by direct message in Slack. "
        "Type it here to link the two.</p>"
        '<p class="warning">If one of them is not you, close this page and type nothing. Nobody should give '
        "you a code, and nobody should ask you for one.</p>"
        f'{error}<form method="post">{_hidden(form)}<label for="code">The code</label>'
        '<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20" '
        "required autofocus> <button>Link them</button></form>",
    )


def done(attempt: LinkAttempt) -> str:
    """They are linked."""
    login = escape(attempt.account.login if attempt.account else "")
    return _page(
        "Linked",
        f"<dl><dt>In Slack</dt><dd>{_named(attempt)}</dd><dt>At GitHub</dt><dd>{login}</dd></dl>"
        "<p>You can close this page. <code>/slipway unlink</code> undoes it.</p>",
    )


def refused(what: str, why: str = "", next: str = "") -> str:
    """What happened, why, and what to do next."""
    more = "".join(f"<p>{_quoted(part)}</p>" for part in (why, next) if part)
    return _page(_quoted(what), more, title=what)


def _told(error: UserError) -> str:
    return " ".join(_quoted(part) for part in (error.what, error.why, error.next) if part)


def _quoted(text: str) -> str:
    """What stands in backticks is code; all of it is escaped first."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _hidden(form: str) -> str:
    return f'<input type="hidden" name="form" value="{escape(form)}">'


def _named(attempt: LinkAttempt) -> str:
    return escape(attempt.asker.name)


def _page(heading: str, body: str, title: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title) or heading} · Slipway</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="stylesheet" href="style.css"></head>'
        f"<body><main><h1>{heading}</h1>{body}</main></body></html>"
    )
