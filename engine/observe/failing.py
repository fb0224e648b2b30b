"""Where something failed, without a value: values may be secrets.

In: an error. Out: the file and line that raised it, below the engine's folder.
"""

from __future__ import annotations


def place_of(error: BaseException) -> str:
    """`cycle/loop.py:12`, or words where nobody knows."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('engine/')[2]}:{trace.tb_lineno}"
