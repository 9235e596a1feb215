"""Prometheus: numbers for verifications."""
