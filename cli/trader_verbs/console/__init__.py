"""Where a trader stands, for eyes: one panel, shown in a terminal or as a page of a browser."""
