"""Recorded decisions under another policy set."""
