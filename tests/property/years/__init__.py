"""A year of digests in every zone, against an oracle that only reads the clock on the wall."""
