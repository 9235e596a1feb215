"""A stand-in for Slack: the Web API, signed deliveries, Socket Mode and a page, all on loopback."""

from bot.playground.slack.manifest import ManifestRefused
from bot.playground.slack.server import SlackStandIn

__all__ = ["ManifestRefused", "SlackStandIn"]
