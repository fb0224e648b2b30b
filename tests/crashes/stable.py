"""A stable of processes: the real command, loaded once and begun many times.

In: jobs, one JSON line each. Out: how each ended, one JSON line each. Every job is a process of its
own that forks before anything has run, with its own directory, environment, output and plan.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from importlib import import_module
from typing import Any

from crashes import saboteur

from cli.main import run
from cli.trader import TRADER

LOADED = (
    "cli.trader_verbs.run",
    "engine.run.real_time.run",
    "engine.adapters.coinbase.credentials",
)
PATIENCE_S = 120.0
STOPPED_S = 0.4


def main() -> None:
    """Serve jobs until the input ends."""
    for each in LOADED:
        import_module(each)
    for line in sys.stdin:
        job = json.loads(line)
        sys.stdout.write(json.dumps(_served(job)) + "\n")
        sys.stdout.flush()


def _served(job: dict[str, Any]) -> dict[str, object]:
    child = os.fork()
    if child == 0:
        _become(job)
    began = time.monotonic()
    stops = 0
    while True:
        ended, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if ended and os.WIFSTOPPED(status):
            stops += 1
            time.sleep(STOPPED_S)
            os.kill(child, signal.SIGCONT)
        elif ended:
            code = os.waitstatus_to_exitcode(status)
            return {"code": code, "stops": stops, "seconds": time.monotonic() - began}
        elif time.monotonic() - began > PATIENCE_S:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)


def _become(job: dict[str, Any]) -> None:
    os.setsid()
    os.chdir(job["folder"])
    os.environ.update(job["environment"])
    told = os.open("told.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(told, 1)
    os.dup2(told, 2)
    if job["plan"] is not None:
        saboteur.Saboteur(saboteur.Plan(*job["plan"]), job["authority"]).install()
    status = 70
    try:
        status = run(TRADER, job["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
