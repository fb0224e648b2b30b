"""How the venue's values look in JSON: one file a subject, every number as text."""
