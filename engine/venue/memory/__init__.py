"""What the venue remembers over a restart: a journal that is durable before anybody is answered."""

from engine.venue.memory.journal import Journal, MemoryLostError, Remembered, opened

__all__ = ["Journal", "MemoryLostError", "Remembered", "opened"]
