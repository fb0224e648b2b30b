"""Whether the libraries of the venue are there, asked before any of them is needed.

Out: nothing where they are. Refuses (M606) to go on without one, and names the extra.
"""

from __future__ import annotations

from importlib.util import find_spec

from engine.errors import Diagnostic, MandateError, with_extra

LIBRARIES = ("starlette", "uvicorn", "websockets", "jwt", "cryptography")


def refuse_without_extra() -> None:
    """Raise `MandateError` where a library of the extra `venue` is missing."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        message = f"the venue needs `{missing[0]}` of the extra `venue`, which is not installed"
        mend = with_extra("venue")
        raise MandateError([Diagnostic("M606", message, None, mend)])
