"""Controls that are a matter of process: what carries them today, and what is still to carry them.

A house test holds that each named path is there.
"""

from __future__ import annotations

from engine.policyset.controls.evidence import Artefact

ARTEFACTS: tuple[Artefact, ...] = (
    Artefact("C15", "alert rules, asked in every cycle", ("engine/cycle/steps/alerts.py",)),
    Artefact(
        "C15",
        "routes that leave the machine, apart from the cycles, with escalation and an outbox",
        ("engine/adapters/notify", "engine/cycle/alerting", "engine/run/alerting.py"),
    ),
    Artefact("C17", "owners of every document and of the engine", (".github/CODEOWNERS",)),
    Artefact("C17", "`read_only` and `live_enabled` of the Deployment", ("policies/live",)),
    Artefact("C17", "keys that can transfer are refused, by the hour", ("engine/cycle/keys.py",)),
    Artefact(
        "C17",
        "signed sets, with trust from outside of them: `trader run --require-signed`",
        ("engine/provenance",),
    ),
    Artefact(
        "C19",
        "reviewed documents under version control, and the sealed set in the ledger",
        ("CHANGELOG.md", "engine/cycle/records/activation.py"),
    ),
    Artefact("C19", "what a change allows, proved or shown: `policy diff`", ("engine/comparison",)),
    Artefact(
        "C19",
        "who approved a set, and which commit changed a limit: `policy verify`, `policy log`",
        ("engine/provenance",),
    ),
    Artefact("C20", "a paper venue over recordings", ("engine/adapters/paper", "policies/paper")),
    Artefact("C20", "a Coinbase of our own on loopback: `trader venue`", ("engine/venue",)),
    Artefact("C20", "a dry run whose guards warn", ("policies/rehearsal",)),
    Artefact(
        "C20",
        "tests beside the policies, and what they would not notice: `policy test`",
        ("engine/checks", "policies/tests"),
    ),
    Artefact(
        "C20",
        "what a set would have done over recordings: `policy simulate`",
        ("engine/simulation",),
    ),
    Artefact("C21", "this table, generated from the set by `policy controls`", ("README.md",)),
    Artefact(
        "C22",
        "a recording at twice its messages and volume: `policy simulate --stress 2`",
        ("engine/adapters/recorded", "cli/policy_verbs/simulate.py"),
    ),
    Artefact(
        "C26",
        "orders that end by themselves: every resting rung has a time to live",
        ("engine/cycle/orders/following.py", "policies/execution/spot.yaml"),
    ),
    Artefact(
        "C26",
        "a process of its own that cancels entries when the loop stops beating: `trader watchdog`",
        ("engine/run/real_time/watchdog.py",),
    ),
    Artefact("C30", "every execution in the ledger, apart from the log", ("engine/ledger",)),
    Artefact(
        "C30",
        "a second channel: each execution is told at once on the route of `alerting.executions`",
        ("engine/ledger/folding/fills.py", "engine/kinds/deployment/alerting.py"),
    ),
)
