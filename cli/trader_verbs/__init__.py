"""The verbs of `trader`, one a file; each is imported only when it is named."""
