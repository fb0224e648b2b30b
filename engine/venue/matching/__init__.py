"""Orders that meet the market which is shown: today's answer to what becomes of an order."""

from engine.venue.matching.matching import Matching

__all__ = ["Matching"]
