"""Attempts to get something unapproved to run, in a house that is as real as a test can be."""
