"""The way in and out of Slack."""
