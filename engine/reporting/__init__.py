"""What a ledger means in money: fills, fees, lots and results, for a person's books.

In: records. Out: values. Everything is derived from the ledger's own fold, so that no report can
say what the ledger does not.
"""

from engine.reporting.books import Books, Fill, booked
from engine.reporting.day import Day, day_of
from engine.reporting.execution import Executed, Execution, by_strategy, executions
from engine.reporting.lots import Closed, Lot, Method
from engine.reporting.shadow import Comparison, Shadowed, compared
from engine.reporting.sums import Fees, Result, fees_of, results_of

__all__ = [
    "Books",
    "Closed",
    "Comparison",
    "Day",
    "Executed",
    "Execution",
    "Fees",
    "Fill",
    "Lot",
    "Method",
    "Result",
    "Shadowed",
    "booked",
    "by_strategy",
    "compared",
    "day_of",
    "executions",
    "fees_of",
    "results_of",
]
