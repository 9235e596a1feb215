"""Every block and element once, as the page must show them."""

from __future__ import annotations

from typing import Any

from bot.playground.slack.seed import ADA

Json = dict[str, Any]

PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='320' height='180'%3E"
    "%3Crect width='320' height='180' fill='%23437f83'/%3E%3C/svg%3E"
)


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str | None = None, description: str | None = None) -> Json:
    """An option of a select, checkboxes, radio buttons or an overflow menu."""
    found: Json = {"text": plain(text), "value": value or text.lower()}
    return found | ({"description": plain(description)} if description else {})


def rich(*parts: Json) -> Json:
    """A rich_text block of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def word(text: str, **style: bool) -> Json:
    """A text part of a rich_text block."""
    return {"type": "text", "text": text} | ({"style": style} if style else {})


CONFIRM: Json = {
    "title": plain("Cancel this deployment?"),
    "text": mrkdwn("The run is asked to stop; *staging* may be left half way."),
    "confirm": plain("Cancel it"),
    "deny": plain("Keep going"),
    "style": "danger",
}

ENVIRONMENTS = [
    option("Development", "dev"),
    option("Staging"),
    option("Production", description="needs two approvals"),
]


def buttons() -> list[Json]:
    """The buttons and the overflow menu."""
    return [
        {
            "type": "button",
            "text": plain("Approve"),
            "style": "primary",
            "action_id": "approve",
            "value": "1",
        },
        {
            "type": "button",
            "text": plain("Cancel"),
            "style": "danger",
            "action_id": "cancel",
            "confirm": CONFIRM,
        },
        {
            "type": "button",
            "text": plain("Open the run"),
            "action_id": "open",
            "url": "https://example.com/run/1",
        },
        {
            "type": "overflow",
            "action_id": "more",
            "options": [option("Show the plan"), option("Mute this card")],
        },
    ]


def pickers() -> list[Json]:
    """The selects and pickers that may stand in an actions block."""
    return [
        {
            "type": "static_select",
            "action_id": "environment",
            "placeholder": plain("Environment"),
            "options": ENVIRONMENTS,
        },
        {
            "type": "external_select",
            "action_id": "ref",
            "placeholder": plain("Branch or tag"),
            "min_query_length": 0,
        },
        {"type": "users_select", "action_id": "who", "placeholder": plain("Somebody")},
        {"type": "conversations_select", "action_id": "talk", "placeholder": plain("A conversation")},
        {"type": "channels_select", "action_id": "channel", "placeholder": plain("A channel")},
        {"type": "datepicker", "action_id": "day", "initial_date": "2026-03-02"},
        {"type": "timepicker", "action_id": "time", "initial_time": "09:30"},
        {"type": "datetimepicker", "action_id": "moment", "initial_date_time": 1772444400},
    ]


def texts() -> list[Json]:
    """Blocks that say something."""
    fields = [mrkdwn("*Service*\napi"), mrkdwn("*Environment*\nstaging"), mrkdwn("*Release*\n`4f2a9c1`")]
    said = (
        f"*bold* _italic_ ~struck~ `code` :rocket: <https://example.com/a|a link> <@{ADA}> <#C0DEPLOYS1> "
        "<!subteam^S0SRE00001> <!here> <!date^1772444400^{date_num} at {time}|a date> 3 &lt; 4 &amp; 5"
    )
    return [
        {"type": "header", "text": plain("Deployment #128")},
        {"type": "section", "text": mrkdwn(said)},
        {"type": "section", "text": mrkdwn("> quoted\n• first point\n• second point\n```\nmake deploy\n```")},
        {"type": "section", "text": plain("*not bold* <b>not markup</b>")},
        {
            "type": "section",
            "fields": fields,
            "text": mrkdwn("With an accessory"),
            "accessory": buttons()[0] | {"action_id": "acc"},
        },
        {"type": "divider"},
        {"type": "image", "image_url": PICTURE, "alt_text": "a calm sea", "title": plain("The harbour")},
        {
            "type": "context",
            "elements": [
                mrkdwn(f"asked by <@{ADA}>"),
                {"type": "image", "image_url": PICTURE, "alt_text": "sea"},
            ],
        },
    ]


NOTES = """## Notes

**strong** and *soft*, [linked](https://example.com/c)

- one
  - nested
- [x] done

| a | b |
|---|--:|
| 1 | 2 |

> said

```
code
```"""


def rich_texts() -> list[Json]:
    """`rich_text` with everything in it, and `markdown`."""
    mentions: list[Json] = [
        {"type": "user", "user_id": ADA},
        {"type": "channel", "channel_id": "C0DEPLOYS1"},
        {"type": "usergroup", "usergroup_id": "S0SRE00001"},
        {"type": "broadcast", "range": "channel"},
        {"type": "emoji", "name": "white_check_mark"},
        {"type": "link", "url": "https://example.com/b", "text": "rich link"},
        {"type": "date", "timestamp": 1772444400, "format": "{date_num}", "fallback": "a date"},
    ]
    listed = {"type": "rich_text_section", "elements": [word("rich point")]}
    block = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    word("rich bold", bold=True),
                    word(" and code", code=True),
                    word(" "),
                    *mentions,
                ],
            },
            {"type": "rich_text_list", "style": "ordered", "elements": [listed, listed]},
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [listed]},
            {"type": "rich_text_quote", "elements": [word("rich quote")]},
            {"type": "rich_text_preformatted", "elements": [word("rich preformatted")]},
        ],
    }
    return [block, {"type": "markdown", "text": NOTES}]


def progress() -> list[Json]:
    """A plan with every status."""
    tasks: list[Json] = [
        {
            "type": "task_card",
            "task_id": "1",
            "title": "Build",
            "status": "complete",
            "output": rich(word("412 tests")),
        },
        {"type": "task_card", "task_id": "2", "title": "Push the image", "status": "complete"},
        {
            "type": "task_card",
            "task_id": "3",
            "title": "Migrate",
            "status": "in_progress",
            "details": rich(word("step 2 of 3")),
        },
        {"type": "task_card", "task_id": "4", "title": "Smoke test", "status": "pending"},
        {
            "type": "task_card",
            "task_id": "5",
            "title": "Announce",
            "status": "error",
            "sources": [{"type": "url", "url": "https://example.com/log", "text": "log"}],
        },
    ]
    return [{"type": "plan", "title": "api to staging", "tasks": tasks}]


def tables() -> list[Json]:
    """A table and a data table of two pages."""

    def cell(text: str) -> Json:
        return {"type": "raw_text", "text": text}

    def number(value: int) -> Json:
        return {"type": "raw_number", "value": value, "text": str(value)}

    services = ["api", "web", "billing", "search", "worker", "mail"]
    rows = [[cell(name), number(index * 7 % 11)] for index, name in enumerate(services)]
    return [
        {
            "type": "table",
            "rows": [[cell("Service"), cell("State")], [cell("api"), rich(word("live", bold=True))]],
            "column_settings": [{}, {"align": "right"}],
        },
        {
            "type": "data_table",
            "caption": "Deployments this week",
            "rows": [[cell("Name"), cell("Deployments")], *rows],
        },
    ]


def chart(kind: str, title: str) -> Json:
    """A chart of one kind."""
    if kind == "pie":
        segments = [
            {"label": "Succeeded", "value": 42},
            {"label": "Failed", "value": 5},
            {"label": "Cancelled", "value": 3},
        ]
        return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": segments}}
    days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    series = [
        {
            "name": name,
            "data": [{"label": day, "value": (index * step) % 9 + 2} for index, day in enumerate(days)],
        }
        for name, step in (("staging", 4), ("production", 7))
    ]
    axis = {"categories": days, "x_label": "Day", "y_label": "Deployments"}
    return {
        "type": "data_visualization",
        "title": title,
        "chart": {"type": kind, "series": series, "axis_config": axis},
    }


def card(number: int) -> Json:
    """A card with everything on it."""
    return {
        "type": "card",
        "title": mrkdwn("*api*"),
        "subtitle": plain("staging"),
        "body": mrkdwn("Live since this morning."),
        "icon": {"type": "image", "image_url": PICTURE, "alt_text": "api"},
        "hero_image": {"type": "image", "image_url": PICTURE, "alt_text": "harbour"},
        "actions": [{"type": "button", "text": plain("Details"), "action_id": f"details-{number}"}],
    }


def cards() -> list[Json]:
    """Card, carousel and container."""
    container: Json = {
        "type": "container",
        "title": plain("Approvals"),
        "subtitle": plain("1 of 2"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "text": mrkdwn("Waiting for <!subteam^S0SRE00001>")}],
    }
    return [card(0), {"type": "carousel", "elements": [card(1), card(2), card(3)]}, container]


def feedback() -> Json:
    """`context_actions`: thumbs and an icon button."""
    thumbs = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": plain("Helpful"), "value": "yes"},
        "negative_button": {"text": plain("Not helpful"), "value": "no"},
    }
    return {
        "type": "context_actions",
        "elements": [
            thumbs,
            {"type": "icon_button", "icon": "trash", "text": plain("Remove"), "action_id": "remove"},
        ],
    }


def video() -> Json:
    """A video, shown as a card."""
    return {
        "type": "video",
        "title": plain("How a release sails"),
        "title_url": "https://example.com/v",
        "video_url": "https://example.com/v.mp4",
        "thumbnail_url": "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
        "alt_text": "a film",
        "provider_name": "Harbour TV",
        "description": plain("Two minutes."),
    }


def inputs() -> list[Json]:
    """An input block for every element a modal takes; the block ids are the element types."""
    lists: Json = {"options": ENVIRONMENTS}
    elements: list[tuple[str, str, Json]] = [
        (
            "Reason",
            "plain_text_input",
            {"multiline": True, "min_length": 5, "placeholder": plain("why now?")},
        ),
        ("Count", "number_input", {"is_decimal_allowed": False, "min_value": "1", "max_value": "9"}),
        ("Mail", "email_text_input", {}),
        ("Ticket", "url_text_input", {}),
        ("Environment", "static_select", lists),
        ("Branch", "external_select", {"min_query_length": 0}),
        ("Owner", "users_select", {}),
        ("Talk", "conversations_select", {}),
        ("Channel", "channels_select", {}),
        ("Environments", "multi_static_select", lists),
        ("Branches", "multi_external_select", {"min_query_length": 0}),
        ("Owners", "multi_users_select", {"initial_users": [ADA]}),
        ("Talks", "multi_conversations_select", {}),
        ("Channels", "multi_channels_select", {}),
        ("Day", "datepicker", {}),
        ("Time", "timepicker", {}),
        ("Moment", "datetimepicker", {}),
        ("Options", "checkboxes", lists),
        ("Choice", "radio_buttons", lists),
        ("Notes", "rich_text_input", {}),
        ("Files", "file_input", {"filetypes": ["pdf"]}),
    ]
    return [
        {
            "type": "input",
            "block_id": kind,
            "label": plain(label),
            "optional": kind != "plain_text_input",
            "hint": plain(f"hint of {kind}"),
            "element": {"type": kind, "action_id": "value"} | extra,
        }
        for label, kind, extra in elements
    ]


ALERTS: list[Json] = [
    {"type": "alert", "level": level, "text": mrkdwn(f"an alert of level {level}")}
    for level in ("default", "info", "warning", "error", "success")
]

MESSAGES: dict[str, list[Json]] = {  # one message each: some blocks may not stand together
    "texts": texts(),
    "rich": rich_texts(),
    "actions": [
        {"type": "actions", "elements": buttons()},
        {"type": "actions", "elements": pickers()},
        feedback(),
    ],
    "choices": [
        {"type": "actions", "elements": [{"type": kind, "action_id": kind, "options": ENVIRONMENTS}]}
        for kind in ("checkboxes", "radio_buttons")
    ],
    "plan": progress(),
    "task": [{"type": "task_card", "task_id": "9", "title": "Roll out", "status": "in_progress"}],
    "table": tables()[:1],
    "data_table": tables()[1:],
    "lines": [chart("line", "Line of the week"), chart("area", "Area of the week")],
    "bars": [chart("bar", "Bars of the week"), chart("pie", "How they ended")],
    "cards": cards(),
    "video": [video()],
}
