"""Whole processes of `policy`, beside a bare Python that does nothing, in one run.

Claims: `policy --help` in at most 0.15 s, and `policy lint` of 100 documents in at most 1 s from
a cold start, both on a quiet machine. As a script it prints the medians of processor time, which
others on the machine disturb less than the clock; as a test it holds that 100 documents are
linted at all, and asserts no time. Without compiled modules (PYTHONDONTWRITEBYTECODE) each start
compiles ours again, which takes longer than all the rest of a `--help`.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 100
ROUNDS = 7
COMMAND = "from cli.policy import main; main()"
SIDES: dict[str, list[str]] = {
    "python -c pass": ["pass"],
    "policy --help": [COMMAND, "--help"],
    "policy hash": [COMMAND, "hash", "{set}"],
    "policy lint": [COMMAND, "lint", "{set}"],
}


def write_set(folder: Path) -> Path:
    """The shipped set, its alerts copied under other names while it has fewer than 100."""
    for name in ("policies", "strategies"):
        shutil.copytree(ROOT / name, folder / name)
    alerts = folder / "policies" / "alerts"
    originals = sorted(alerts.glob("*.yaml"))
    documents = int(_hash(folder / "policies").count("\n")) - 1
    for number in range(DOCUMENTS - documents):
        original = originals[number % len(originals)]
        copy = f"{original.stem}_{number}"
        text = original.read_text(encoding="utf-8")
        text = text.replace(f"name: {original.stem}\n", f"name: {copy}\n", 1)
        (alerts / f"{copy}.yaml").write_text(text, encoding="utf-8")
    return folder / "policies"


def _hash(policies: Path) -> str:
    return _run([COMMAND, "hash", str(policies), "--documents"]).stdout


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def _seconds(words: list[str]) -> float:
    """Processor time of the whole process, its own and the system's on its behalf."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_hundred_documents_are_linted(tmp_path: Path) -> None:
    """The set that is measured has at least 100 documents, and lint goes through all of them."""
    said = _run([COMMAND, "lint", str(write_set(tmp_path))]).stdout
    told = re.search(r": (\d+) documents", said)
    assert told is not None, said
    assert int(told[1]) >= DOCUMENTS


def main() -> None:
    """Measure every side in each round, so that a busy moment meets all of them."""
    with TemporaryDirectory() as name:
        policies = str(write_set(Path(name)))
        sides = {side: [w.format(set=policies) for w in words] for side, words in SIDES.items()}
        rounds = [{side: _seconds(words) for side, words in sides.items()} for _ in range(ROUNDS)]
    for side in SIDES:
        milliseconds = 1000 * median(each[side] for each in rounds)
        print(f"{side:<15} {milliseconds:6.0f} ms")  # noqa: T201 - a benchmark prints its numbers


if __name__ == "__main__":
    main()
