"""What `make scan` runs beside bandit."""
