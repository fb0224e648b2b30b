"""Watching the loop from outside: its beat, and what is done when it falls silent."""
