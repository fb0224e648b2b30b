"""Values of the trade: frozen, typed, without input or output."""
