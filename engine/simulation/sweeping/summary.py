"""What a sweep says: a row a unit, for a table, a plot and a program.

In: units and their results. Out: rows in the order of the plan. Refuses nothing: a variant that
did not load is a row that says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.ledger.bodies import Body
    from engine.simulation.sweeping.units import Unit


@dataclass(frozen=True, slots=True)
class Row:
    """One unit: what it was, and its result as it was kept."""

    unit: Unit
    told: Body

    @property
    def refused(self) -> bool:
        """Whether the variant was no policy set."""
        return "refused" in self.told

    @property
    def variant(self) -> str:
        """Its values, in the order of the axes."""
        return " ".join(edit.value for edit in self.unit.edits) or "as it is"

    @property
    def recording(self) -> str:
        """Its recording, by the name of its first file."""
        return self.unit.files[0].name

    def body(self) -> Body:
        """As a program reads it."""
        return {
            "unit": self.unit.key,
            "set": self.unit.directory.name,
            "recording": self.recording,
            "values": {f"{e.document}:{e.path}": e.value for e in self.unit.edits},
            **self.told,
        }


def rows_of(units: Sequence[Unit], results: Mapping[str, bytes]) -> list[Row]:
    """Every unit that has a result."""
    return [Row(unit, orjson.loads(results[unit.key])) for unit in units if unit.key in results]


def points(rows: Sequence[Row]) -> list[Body]:
    """The rows against the number of their first axis; raises MandateError (M836) without one."""
    found: list[Body] = []
    for row in rows:
        try:
            x = float(row.unit.edits[0].value)
        except (IndexError, ValueError) as error:
            mend = "let the first `--grid` be an axis of numbers"
            raise MandateError(
                [Diagnostic("M836", "no numbers to draw against", None, mend)]
            ) from error
        if not row.refused:
            rest = " ".join(edit.value for edit in row.unit.edits[1:])
            told = {name: float(str(row.told[name])) for name in ("drawdown_pct", "denied_usd")}
            result = None if row.told["result"] is None else float(str(row.told["result"]))
            series = " ".join(filter(None, (row.recording, row.unit.directory.name, rest)))
            found.append({"x": x, "series": series, "result": result, **told})
    return found
