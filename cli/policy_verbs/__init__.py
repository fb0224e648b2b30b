"""The verbs of `policy`, one a file; each is imported only when it is named."""
