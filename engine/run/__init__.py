"""The composition root: settings become ports, a policy set, a ledger, and a loop that runs."""

from __future__ import annotations

from engine.run.assembling import prepare
from engine.run.session import Session
from engine.run.settings import ReloadWhen, RunSettings, VenueSettings

__all__ = ["ReloadWhen", "RunSettings", "Session", "VenueSettings", "prepare"]
