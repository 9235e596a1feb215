"""Prometheus: numbers for verifications, and alerts, with those of its Alertmanager."""
