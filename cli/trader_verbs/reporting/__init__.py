"""How reports are laid out and written."""
