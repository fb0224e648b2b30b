"""A stage of live trading as a page and as JSON: the verdict, then each piece of evidence.

In: evidence. Out: text, blockers first, each with what was found, what is needed and its mend.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import orjson

from cli.exit_codes import ExitCode
from engine.run.going_live import Proof, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.policyset.policyset import PolicySet
    from engine.run.going_live import Evidence, Rung

VERSION = 1
_WIDTH = 80
_MARKS = {
    Proof.SHOWN: "ok     ",
    Proof.LOOK: "look   ",
    Proof.UNTOLD: "untold ",
    Proof.LACKING: "BLOCKED",
}
_STATUS = {
    Proof.SHOWN: ExitCode.FINE,
    Proof.LOOK: ExitCode.FINE,
    Proof.UNTOLD: ExitCode.UNDECIDED,
    Proof.LACKING: ExitCode.FINDINGS,
}
_ORDER = (Proof.LACKING, Proof.UNTOLD, Proof.LOOK, Proof.SHOWN)


def status_of_evidence(pieces: Sequence[Evidence]) -> ExitCode:
    """What the gravest piece of evidence means for a script."""
    return _STATUS[verdict_of(pieces)]


def go_live_page(policy_set: PolicySet, rung: Rung, pieces: Sequence[Evidence]) -> str:
    """The verdict, then the evidence, blockers first."""
    head = f"{rung.value}: {verdict(pieces)}\n{policy_set.name} {policy_set.hash}\n"
    ordered = sorted(pieces, key=lambda each: _ORDER.index(each.proof))
    return head + "\n" + "".join("".join(_lines(each)) for each in ordered)


def verdict(pieces: Sequence[Evidence]) -> str:
    """In one sentence, numbers first."""
    counts = {proof: sum(each.proof is proof for each in pieces) for proof in Proof}
    blocked, untold, look = (counts[p] for p in (Proof.LACKING, Proof.UNTOLD, Proof.LOOK))
    if blocked:
        parts = [f"NOT YET, {blocked} blocker{'' if blocked == 1 else 's'}"]
    elif untold:
        parts = ["NOBODY CAN TELL"]
    else:
        parts = ["NOTHING STANDS AGAINST IT"]
    parts += [f"{untold} not told"] if untold else []
    parts += [f"{look} to look at"] if look else []
    return ", ".join(parts) + f", {counts[Proof.SHOWN]} shown"


def go_live_json(policy_set: PolicySet, rung: Rung, pieces: Sequence[Evidence]) -> str:
    """One object; fields are added, never renamed, without a new `version`."""
    document = {
        "version": VERSION,
        "stage": rung.value,
        "verdict": verdict_of(pieces).value,
        "policy_set": policy_set.hash,
        "policy_set_name": policy_set.name,
        "evidence": [
            {
                "name": each.name,
                "proof": each.proof.value,
                "found": each.found,
                "needed": each.needed,
                "mend": each.mend if each.proof in {Proof.LACKING, Proof.UNTOLD} else None,
            }
            for each in pieces
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _lines(piece: Evidence) -> Iterator[str]:
    head = f"  {_MARKS[piece.proof]}  "
    yield from _wrapped(f"{piece.name}: {piece.found}", head)
    blank = " " * len(head)
    if piece.proof is not Proof.SHOWN:
        yield from _wrapped(f"needed: {piece.needed}", blank)
        if piece.mend:
            yield from _wrapped(f"help: {piece.mend}", blank)


def _wrapped(words: str, head: str) -> Iterator[str]:
    first, *others = wrap(words, _WIDTH - len(head), break_on_hyphens=False)
    yield f"{head}{first}\n"
    yield from (f"{' ' * len(head)}{line}\n" for line in others)
