"""The source of the motor: what to load, the two paths, the headroom."""
