"""All mutants, and the few that every test run kills."""

from __future__ import annotations

from histories.mutants import of_deciding, of_ledger, of_sending, of_unknowns

MUTANTS = (
    *of_sending.MUTANTS,
    *of_unknowns.MUTANTS,
    *of_ledger.MUTANTS,
    *of_deciding.MUTANTS,
)
