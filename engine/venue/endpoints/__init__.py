"""What the venue answers, one file a subject; `routes` is the table of all of it."""
