"""The in-process paper exchange: honest fills against quotes, books and trades."""

from __future__ import annotations

from engine.adapters.paper.entry import Refusal
from engine.adapters.paper.exchange import PaperExchange
from engine.adapters.paper.settings import DuplicateIds, ImmediateFills, PaperFees, PaperRules

__all__ = ["DuplicateIds", "ImmediateFills", "PaperExchange", "PaperFees", "PaperRules", "Refusal"]
