"""The catalogue of finding codes: one table, in ranges by stage.

M1xx reading, M2xx expressions, M3xx policy, M4xx cycle and ledger, M5xx adapters,
M6xx the venue of our own, M7xx comparison, checks and provenance, M8xx simulation,
M9xx operations.
A code is never reused. `policy explain CODE` prints an entry; a test holds that every code
raised anywhere in the engine is here, and that every entry is raised somewhere.
"""

from __future__ import annotations

from engine.codes.accounts import ACCOUNT_CODES
from engine.codes.adapters import ADAPTER_CODES
from engine.codes.checks import CHECK_CODES
from engine.codes.code import Code
from engine.codes.comparison import COMPARISON_CODES
from engine.codes.console import CONSOLE_CODES
from engine.codes.cycle import CYCLE_CODES
from engine.codes.expression import EXPRESSION_CODES
from engine.codes.faults import FAULT_CODES
from engine.codes.going_live import GOING_LIVE_CODES
from engine.codes.hands import HAND_CODES
from engine.codes.operations import OPERATIONS_CODES
from engine.codes.policy import POLICY_CODES
from engine.codes.provenance import PROVENANCE_CODES
from engine.codes.read import READ_CODES
from engine.codes.real_time import REAL_TIME_CODES
from engine.codes.reloading import RELOAD_CODES
from engine.codes.simulation import SIMULATION_CODES
from engine.codes.sweeping import SWEEP_CODES
from engine.codes.venue import VENUE_CODES

CODES: dict[str, Code] = {
    code.code: code
    for code in (
        *READ_CODES,
        *EXPRESSION_CODES,
        *POLICY_CODES,
        *CYCLE_CODES,
        *ACCOUNT_CODES,
        *HAND_CODES,
        *REAL_TIME_CODES,
        *ADAPTER_CODES,
        *COMPARISON_CODES,
        *PROVENANCE_CODES,
        *SIMULATION_CODES,
        *SWEEP_CODES,
        *RELOAD_CODES,
        *CHECK_CODES,
        *FAULT_CODES,
        *VENUE_CODES,
        *OPERATIONS_CODES,
        *CONSOLE_CODES,
        *GOING_LIVE_CODES,
    )
}

__all__ = ["CODES", "Code"]
