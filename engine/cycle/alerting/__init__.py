"""Alerts beyond their condition: who is told what, when, again, and until somebody has heard."""
