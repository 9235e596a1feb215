"""Slack's Web API behind the ports Chat, FormOpener and Directory."""

from integrations.slack.calls import SlackClient, make_client
from integrations.slack.chat import SlackChat
from integrations.slack.people import SlackDirectory
from integrations.slack.workspace import Home, Workspace, whoami

__all__ = ["Home", "SlackChat", "SlackClient", "SlackDirectory", "Workspace", "make_client", "whoami"]
