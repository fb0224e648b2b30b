"""The machine itself: its disk, clocks, randomness and locks, and stand-ins that repeat."""
