"""The Web API's methods, one file per family, each listed in its `METHODS`."""

from bot.playground.slack.web_api import chat, conversations, files, marks, people, views
from bot.playground.slack.web_api.method import Method

METHODS: dict[str, Method] = {
    method.name: method
    for family in (chat, conversations, files, marks, people, views)
    for method in family.METHODS
}
