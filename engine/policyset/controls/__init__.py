"""The thirty controls: what each asks for, and what of it a policy set and this engine enforce."""
