"""Policy tests: facts in, verdict out; what they cover, and which changes they would notice."""
