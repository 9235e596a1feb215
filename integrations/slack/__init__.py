"""Slack's Web API behind the ports Chat, FormOpener and Directory."""

from integrations.slack.chat import SlackChat
from integrations.slack.people import SlackDirectory

__all__ = ["SlackChat", "SlackDirectory"]
