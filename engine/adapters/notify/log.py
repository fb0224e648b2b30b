"""The route `log`: alerts as log records. The ledger holds them in any case."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.notices import Notice, Sender

_LOG = logging.getLogger("mandate.alert")


class LogMeans:
    """Writes a line an alert; nothing can keep it from that."""

    async def tell(self, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Write them."""
        del sender
        for each in notices:
            head = f"[{each.severity}] {each.name} {each.news.value}"
            _LOG.warning("%s: %s", head, each.text)
        return None

    async def close(self) -> None:
        """Nothing is open."""
