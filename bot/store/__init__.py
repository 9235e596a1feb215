"""What Slipway keeps, and how it is kept: SQLite by default, PostgreSQL for several replicas."""
