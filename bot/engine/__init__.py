"""What moves deployments on: look again, decide, write down, act."""
