"""Who may look at a trader in a browser, and halt it: addresses, keys, sessions."""
