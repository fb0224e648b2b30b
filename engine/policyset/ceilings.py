"""Ceilings: the most that any policy set may do, in a small file outside of every set.

In: the file's path and the directory of the set that is to run. Out: `Ceilings`, with the hash of
the file. Refuses, with all findings at once, a file that is not one, and one that lies where a
change of the set could change it too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator

from engine.errors import Diagnostic, MandateError, Place
from engine.kinds.base import Closed, Metadata, Positive
from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import PolicyFile, read_file, shown
from engine.policyset.reading.nodes import places, plain
from engine.policyset.reading.scalars import quoted
from engine.policyset.shape import check_against

if TYPE_CHECKING:
    from pathlib import Path

    from engine.kinds.base import Places, Plain

_RISING = ("max_order_usd", "max_position_usd", "max_at_risk_usd")


class CeilingsSpec(Closed):
    """Hard maxima in the numeraire; there is none that may be left out."""

    max_order_usd: Positive = Field(description="Value of one order that adds risk.")
    max_position_usd: Positive = Field(description="Value of one product, pending buys counted.")
    max_at_risk_usd: Positive = Field(description="Value of all products, pending buys counted.")
    max_orders_1h_count: Positive = Field(description="Orders that add risk, sent in an hour.")

    @model_validator(mode="after")
    def _check(self) -> CeilingsSpec:
        if not self.max_order_usd <= self.max_position_usd <= self.max_at_risk_usd:
            message = "an order is part of a position, and a position of all that is at risk"
            raise ValueError(message)
        return self


class CeilingsDocument(Closed):
    """What no policy set, no overlay and no waiver can raise."""

    KIND: ClassVar[str] = "Ceilings"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["Ceilings"]
    metadata: Metadata
    spec: CeilingsSpec


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The maxima, the name under which they were reviewed, and the SHA-256 of the file."""

    name: str
    hash: str
    spec: CeilingsSpec


def load_ceilings(path: Path, policies: Path) -> Ceilings:
    """Read the file; raises MandateError with everything that is wrong about it."""
    if path.resolve().is_relative_to(policies.resolve()):
        message = f"{quoted(shown(path))} lies inside of the policy set that it is to bound"
        mend = "keep ceilings where a change of the set cannot reach them"
        raise MandateError([Diagnostic("M393", message, None, mend)])
    data = read_file(PolicyFile(shown(path), path))
    if isinstance(data, OSError):
        message = f"{quoted(shown(path))} cannot be read: {(data.strerror or '').lower()}"
        mend = "without its ceilings a run that was told to keep them does not begin"
        raise MandateError([Diagnostic("M393", message, None, mend)])
    read = read_yaml(data, shown(path))
    if read.root is None:
        raise MandateError(read.diagnostics)
    document = _typed(plain(read.root), places(read.root), shown(path))
    return Ceilings(document.metadata.name, hashlib.sha256(data).hexdigest(), document.spec)


def _typed(data: Plain, there: Places, file: str) -> CeilingsDocument:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind != CeilingsDocument.KIND:
        place = there.of(("kind",)) if kind is not None else Place(file, 1, 1)
        message = "this is no file of ceilings"
        raise MandateError([Diagnostic("M393", message, place, "write `kind: Ceilings`")])
    found = check_against(CeilingsDocument, data, there)
    if found:
        raise MandateError(found)
    try:
        return CeilingsDocument.model_validate(data)
    except ValidationError as error:
        reason = str(error.errors()[0].get("ctx", {}).get("error", ""))
        mend = f"let them rise: {', '.join(_RISING)}"
        finding = Diagnostic("M394", reason, there.of_key(("spec",)), mend)
        raise MandateError([finding]) from None
