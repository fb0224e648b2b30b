"""Provenance: who approved which policy set, that it is what runs, and how it came to be."""
