"""Mutation of policies: which small changes the tests of a set would notice."""
