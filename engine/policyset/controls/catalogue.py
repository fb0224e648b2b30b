"""The thirty controls by name, in the field's own order.

Their sources: Commission Delegated Regulation (EU) 2017/589 ("RTS 6"), 17 CFR 240.15c3-5, and the
FIA's best practices of July 2024. None of them binds a solo trader in spot markets; they are the
vocabulary in which a reviewer asks what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Control:
    """One control; a `process` is carried by people and artefacts and decides no order."""

    id: str
    name: str
    process: bool = False


CONTROLS: tuple[Control, ...] = (
    Control("C01", "Price collar"),
    Control("C02", "Maximum order value"),
    Control("C03", "Maximum order volume"),
    Control("C04", "Maximum messages"),
    Control("C05", "Orders count at once"),
    Control("C06", "Repeated execution throttle"),
    Control("C07", "Market and credit risk limits"),
    Control("C08", "Permission to trade an instrument"),
    Control("C09", "Risk thresholds at several levels"),
    Control("C10", "Override of a block"),
    Control("C11", "Erroneous and duplicate orders"),
    Control("C12", "Pre-entry requirements"),
    Control("C13", "Kill functionality"),
    Control("C14", "Order attribution"),
    Control("C15", "Real-time monitoring", process=True),
    Control("C16", "Post-trade controls, reconciliation"),
    Control("C17", "Security and access limits", process=True),
    Control("C18", "Predefined deployment limits"),
    Control("C19", "Record of material changes", process=True),
    Control("C20", "Testing in a separate environment", process=True),
    Control("C21", "Annual self-assessment", process=True),
    Control("C22", "Stress test at twice the peak", process=True),
    Control("C23", "Order record keeping"),
    Control("C24", "Business clock synchronisation"),
    Control("C25", "Self-match prevention"),
    Control("C26", "Cancel on disconnect", process=True),
    Control("C27", "Market data reasonability"),
    Control("C28", "Maximum intraday position"),
    Control("C29", "Direct and exclusive control"),
    Control("C30", "Immediate post-trade reports", process=True),
)
