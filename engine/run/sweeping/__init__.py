"""Running sweeps: what a worker does, and the two ways to have many of them."""
