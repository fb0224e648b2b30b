"""The ordered steps of a cycle, one a file; `engine.cycle.cycle` says the order."""
