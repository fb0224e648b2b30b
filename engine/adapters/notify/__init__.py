"""Where alerts go: the log, a service of many, an Alertmanager; by the routes of a Deployment."""

from __future__ import annotations

from engine.adapters.notify.routes import Routes, routes_of

__all__ = ["Routes", "routes_of"]
