"""Reloading: another policy set taken by a running loop, whole or not at all.

In: an order, or a commit that holds another set. Out: `Reloads`, which has it checked beside the
loop and takes it at a cycle's boundary; `candidate` says what a check comes to, `swapping` is the
one place where the set of a desk changes.
"""
