"""The numbers that both commands exit with; scripts and CI rely on them."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of a verb says."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    UNDECIDED = 3
    INTERNAL = 4
    # What a shell reports for a program ended by SIGINT and by SIGPIPE (128 + signal number).
    INTERRUPTED = 130
    READER_GONE = 141
