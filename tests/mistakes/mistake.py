"""What people do to a policy set: one edit of a shipped file, and the finding that it must earn.

Written from what went wrong elsewhere (the accidents A2, A4, A7, A10 and A25 to A28 of the system
that this replaces, and what users of other bots reported), not from what lint is known to find.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """`old` becomes `new` in one file; `code` is due on the line that holds `at`.

    `at` is text of the edited file, or `file::text` of another; left out, the first line that
    the edit changed; `+1` at its end is the line after. `base` is the set that is linted. `whole`
    asks the real path, for what only files on the disk can tell.
    """

    name: str
    file: str
    old: str
    new: str
    code: str
    at: str = ""
    base: str = ""
    whole: bool = False


RISK, BREAK, ALERT = "policies/risk/", "policies/breakers/", "policies/alerts/"
EXEC, UNI = "policies/execution/spot.yaml", "policies/universe/spot.yaml"
DEP, SCHED, MOM = "policies/deployment.yaml", "policies/schedule.yaml", "strategies/momentum.yaml"
SMALL = "policies/small/policyset.yaml"
POSITION = RISK + "max_position.yaml"
VALUE = RISK + "max_order_value.yaml"
LAST = "  stage: enforce\n"


def more(name: str, require: str, params: str, *, other: str = "") -> str:
    """A second RiskLimit, to stand in the file of a list: what a colleague adds."""
    return (
        "apiVersion: mandate/v1\nkind: RiskLimit\n"
        f"metadata: {{name: {name}, description: Added.}}\n"
        f"spec:\n  scope: order\n  intents: [entry, add]\n  require: {require}\n"
        f"  params: {{{params}}}\n  on_breach: deny\n{other}  stage: enforce\n"
    )


def breaker(when: str, params: str, *, other: str = "") -> str:
    """A CircuitBreaker that a colleague adds."""
    return (
        "apiVersion: mandate/v1\nkind: CircuitBreaker\n"
        "metadata: {name: added, description: Added.}\n"
        f"spec:\n  scope: account\n  trip_when: {when}\n  params: {{{params}}}\n"
        "  while_tripped: reducing\n  cancel: entries\n  on_trip: none\n"
        f"  reset: {{after: 1h}}\n{other}  stage: enforce\n"
    )


def alert(when: str, params: str, *, times: str = "  dedupe: 60s\n") -> str:
    """An AlertRule that a colleague adds."""
    return (
        "apiVersion: mandate/v1\nkind: AlertRule\nmetadata: {name: added, description: Added.}\n"
        f"spec:\n  scope: account\n  when: {when}\n  params: {{{params}}}\n"
        f"  severity: warning\n{times}  route: log\n"
    )


def waiver(rule: str, params: str, *, until: str = "2026-02-01", begin: str = "2026-01-01") -> str:
    """A Waiver that a colleague adds."""
    return (
        "apiVersion: mandate/v1\nkind: Waiver\nmetadata: {name: added, description: Added.}\n"
        f"spec:\n  rule: {rule}\n  scope: {{symbols: [BTC-USD]}}\n"
        f"  instead: {{params: {{{params}}}}}\n  reason: for once\n  approved_by: a person\n"
        f'  from: "{begin}T00:00:00Z"\n  until: "{until}T00:00:00Z"\n  at_end: hold\n'
    )


NEW_LIMIT, NEW_BREAKER = RISK + "added.yaml", BREAK + "added.yaml"
NEW_ALERT = ALERT + "added.yaml"
