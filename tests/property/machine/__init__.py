"""People, time and crashes in any order, against the real store and engine."""
