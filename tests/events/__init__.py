"""Webhooks as they come in life: many times, in any order, or never, while the bot dies now and then."""
