"""What a recording shows, in columns: instants, quotes, bars, facts, the rows that may matter."""
