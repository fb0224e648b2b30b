"""Where alerts go: without a route of their own into the log, where who looks sees them."""

from __future__ import annotations

from engine.adapters.notify.log import LogNotifier

__all__ = ["LogNotifier"]
