"""`policy export`: what watches a run from outside, made from its set.

In: a policy set. Out: rules for Prometheus, or a dashboard for Grafana, on stdout or in a file.
Refuses a set that does not load, with all that is wrong with it, and a file that cannot be written.
"""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import Directory, chosen
from engine.adapters.system.whole_file import write_whole
from engine.monitoring import dashboard, rules_file
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet


class Watcher(Enum):
    """Who watches."""

    PROMETHEUS = "prometheus"
    GRAFANA = "grafana"


def export(
    watcher: Annotated[
        Watcher, typer.Argument(help="Rules for Prometheus, or a dashboard for Grafana.")
    ],
    directory: Directory = None,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there; else to stdout.")
    ] = None,
) -> ExitCode:
    """Write what watches a run of this set: its numbers are the set's own, never copied by hand.

    Both speak of the metrics that `trader run --metrics` shows. Make them again when the set
    changes: the rules tell when a run has another set than the one they were made from.
    """
    text = _WRITTEN[watcher](load_policy_set(chosen(directory)).required())
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_whole(out, text.encode())
        typer.echo(f"written {out}")
    return ExitCode.FINE


def _grafana(policy_set: PolicySet) -> str:
    return json.dumps(dashboard(policy_set), indent=2, ensure_ascii=False) + "\n"


_WRITTEN = {Watcher.PROMETHEUS: rules_file, Watcher.GRAFANA: _grafana}
