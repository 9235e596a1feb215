"""All that lies behind a network, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.alerts import Alarms
from bot.core.chat_ports import Channels, Chat, FormOpener, HomeTabs
from bot.core.link_ports import Accounts
from bot.core.metrics import Metrics
from bot.core.ports import Directory, Provider
from bot.core.verify_ports import Probe


@dataclass(frozen=True, slots=True)
class Outside:
    """All that lies behind a network, as ports; nothing else of the house calls out."""

    providers: Mapping[str, Provider]
    chat: Chat
    opener: FormOpener
    directory: Directory
    channels: Channels
    tabs: HomeTabs
    probe: Probe
    metrics: Metrics
    alarms: Alarms
    accounts: Mapping[str, Accounts] = field(default_factory=dict)
