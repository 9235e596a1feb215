"""Posts under fire: every kind of fault, at every point of a call, and replicas that die in between."""
