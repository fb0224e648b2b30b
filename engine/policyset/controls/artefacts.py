"""Controls that are a matter of process: what carries them today, and what is still to carry them.

A house test holds that each named path is there.
"""

from __future__ import annotations

from engine.policyset.controls.evidence import Artefact

ARTEFACTS: tuple[Artefact, ...] = (
    Artefact("C15", "alert rules, asked in every cycle", ("engine/cycle/steps/alerts.py",)),
    Artefact("C15", "delivery within 5 s, measured: with the first route that leaves the machine"),
    Artefact("C17", "owners of every document and of the engine", (".github/CODEOWNERS",)),
    Artefact("C17", "`read_only` and `live_enabled` of the Deployment", ("policies/live",)),
    Artefact("C17", "signed sets, and keys that can withdraw refused: with the live venue"),
    Artefact(
        "C19",
        "reviewed documents under version control, and the sealed set in the ledger",
        ("CHANGELOG.md", "engine/cycle/records/activation.py"),
    ),
    Artefact("C19", "`policy diff` and `policy log`: not in this release"),
    Artefact("C20", "a paper venue over recordings", ("engine/adapters/paper", "policies/paper")),
    Artefact("C20", "a dry run whose guards warn", ("policies/rehearsal",)),
    Artefact("C20", "`policy test` and `policy simulate`: not in this release"),
    Artefact("C21", "this table, generated from the set by `policy controls`", ("README.md",)),
    Artefact("C22", "`policy simulate --stress 2`: not in this release"),
    Artefact(
        "C26",
        "orders that end by themselves: every resting rung has a time to live",
        ("engine/cycle/orders/following.py", "policies/execution/spot.yaml"),
    ),
    Artefact("C26", "a watchdog process that cancels: with the live venue"),
    Artefact("C30", "every execution in the ledger, apart from the log", ("engine/ledger",)),
    Artefact("C30", "a route to a second channel: with the first one that leaves the machine"),
)
