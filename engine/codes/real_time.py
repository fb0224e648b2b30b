"""The catalogue, M458-M469: a run in real time, before its first cycle."""

from __future__ import annotations

from engine.codes.code import Code

REAL_TIME_CODES: tuple[Code, ...] = (
    Code(
        "M459",
        "a secret file is refused",
        "A key that others on the machine can read is theirs too, and a file that holds several "
        "secrets hands out all of them to whoever needs one. Such a file is no secret: nothing "
        "signs with it.",
        "a mounted file `COINBASE_API_SECRET` with mode 644",
    ),
)
