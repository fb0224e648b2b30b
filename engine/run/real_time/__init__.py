"""A run at a venue: how it is met, what it says before the first cycle, and the session itself.

In: `RunSettings` without a recording. Out: `Session`. `approach` is asked before the ledger is
touched; `run` puts an opened stream and a venue together. Its modules speak HTTP, so they are
imported by a run in real time alone.
"""
