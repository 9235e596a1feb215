"""Slack's Web API behind the ports Chat, FormOpener, Channels and Directory."""

from integrations.slack.calls import SlackClient, make_client
from integrations.slack.channels import SlackChannels
from integrations.slack.chat import SlackChat
from integrations.slack.people import SlackDirectory
from integrations.slack.pictures import SlackPictures
from integrations.slack.unfurls import SlackUnfurls
from integrations.slack.workspace import Home, Workspace, whoami

__all__ = [
    "Home",
    "SlackChannels",
    "SlackChat",
    "SlackClient",
    "SlackDirectory",
    "SlackPictures",
    "SlackUnfurls",
    "Workspace",
    "make_client",
    "whoami",
]
