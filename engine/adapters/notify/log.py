"""The route `log`: alerts as log records. The ledger holds them in any case."""

from __future__ import annotations

import logging

_LOG = logging.getLogger("mandate.alert")


class LogNotifier:
    """Delivers to the log; any other route is not there, and says so by not delivering."""

    routes = frozenset({"log"})

    async def notify(self, route: str, subject: str, body: str) -> bool:
        """Write one message; False for a route that this release cannot reach."""
        if route not in self.routes:
            return False
        _LOG.warning("%s: %s", subject, body)
        return True
