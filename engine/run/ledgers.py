"""Which ledger: from what a person typed to a directory.

In: the text of `--ledger`. Out: a path. Refuses addresses of what this release cannot write to;
they are told apart from paths, so that no directory called `postgresql:` is ever made.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

from engine.errors import Diagnostic, MandateError


def ledger_path(text: str) -> Path:
    """The directory; raises MandateError (M450) for an address."""
    scheme, colon, _ = text.partition("://")
    if colon:
        message = f"a ledger at `{scheme}://` is not there in this release"
        mend = "name a directory: `--ledger runs/mine`"
        raise MandateError([Diagnostic("M450", message, None, mend)])
    return Path(text)


def new_ledger(parent: Path, name: str) -> Path:
    """The first of `name-1`, `name-2`, … under `parent` that is not there yet."""
    return next(path for n in count(1) if not (path := parent / f"{name}-{n}").exists())
