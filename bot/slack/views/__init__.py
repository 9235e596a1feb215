"""What people see: pure functions from what is on record to Slack's blocks."""
