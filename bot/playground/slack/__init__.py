"""A stand-in for Slack: the Web API, signed deliveries, Socket Mode and a page, all on loopback."""
