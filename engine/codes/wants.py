"""The catalogue, M380-M389: what may be traded, and strategies whose source is Python."""

from __future__ import annotations

from engine.codes.code import Code

WANT_CODES: tuple[Code, ...] = (
    Code(
        "M380",
        "strategy of what is not there",
        "A strategy that may trade only what the universe never has trades nothing.",
        "groups: [LAYER_2] beside a UniverseFilter with LAYER2",
    ),
    Code(
        "M381",
        "source that cannot be read",
        "Nobody can review a source that is missing, a link, or shows other text than it is.",
        "python: {file: momentum.py} and no momentum.py beside the document",
    ),
    Code(
        "M382",
        "source that does not parse",
        "A source that Python does not understand wants nothing.",
        "def propose(context)  and no colon",
    ),
    Code(
        "M383",
        "import that a strategy may not have",
        "A strategy is a function of its context; what reads, writes, waits or draws by chance is "
        "not for it. The list keeps honest code pure. It is no wall: review is the fence.",
        "import os",
    ),
    Code(
        "M384",
        "name that a strategy may not have",
        "Such names lead to files, to the interpreter, or behind a value. The list keeps honest "
        "code pure. It is no wall: review is the fence.",
        "open(path), or context.__class__",
    ),
    Code(
        "M385",
        "construct that a strategy may not have",
        "What hides a failure, waits, or keeps something between two calls makes the same context "
        "give other proposals.",
        "try: … except: pass",
    ),
    Code(
        "M386",
        "source that keeps something",
        "What stands outside of functions is made once and seen by every cycle, so it is constant.",
        "seen = []",
    ),
    Code(
        "M387",
        "no `propose(context)`",
        "One function is asked, once a cycle, with one argument.",
        "def propose(context, memory):",
    ),
    Code(
        "M388",
        "fact or parameter that source and document do not share",
        "A strategy is told what its document declares, and declares what its source reads.",
        'candidate.facts["quote.spred_bps"]',
    ),
    Code(
        "M389",
        "parameter of a tier and of all tiers",
        "Two numbers under one name: nobody could say which of them a tier asks for.",
        "params: {stay_ratio: 0.875} beside a tier with params: {stay_ratio: 0.5}",
    ),
)
