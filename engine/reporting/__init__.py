"""What a ledger means in money: fills, fees, lots and results, for a person's books.

In: records. Out: values. Everything is derived from the ledger's own fold, so that no report can
say what the ledger does not.
"""

from engine.reporting.books import Books, Fill, booked
from engine.reporting.day import Day, day_of
from engine.reporting.lots import Closed, Lot, Method
from engine.reporting.sums import Fees, Result, fees_of, results_of

__all__ = [
    "Books",
    "Closed",
    "Day",
    "Fees",
    "Fill",
    "Lot",
    "Method",
    "Result",
    "booked",
    "day_of",
    "fees_of",
    "results_of",
]
