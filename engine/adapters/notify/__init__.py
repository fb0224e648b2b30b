"""Where alerts go. Without a route of their own, into the log, where a person who looks sees them."""

from __future__ import annotations

from engine.adapters.notify.log import LogNotifier

__all__ = ["LogNotifier"]
