"""Kill the bot everywhere, and see that the next one brings everything to its end, once."""
