"""See README.md of the engine for what lives here."""
