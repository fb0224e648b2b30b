"""One layout for every document: what `policy fmt` writes, and nothing that changes a meaning."""
