"""One unit of a sweep, worked by whoever is given it: this process, another, another machine.

In: a `Unit`, which names policies and recordings by path and by hash. Out: its result as bytes. A
variant that is no policy set is a result too. Raises MandateError (M832) where what lies there is
not what was planned: a worker that sees other files must not answer for these.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.adapters.system.whole_file import write_whole
from engine.errors import Diagnostic, MandateError, Severity
from engine.policyset.editing.changing import Change, Changed, NotThere, change
from engine.policyset.opening import load_policy_set
from engine.run.simulating import opened, prescreening, simulate
from engine.simulation.sweeping.units import Kept, Unit, refused, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.adapters.recorded import Recording
    from engine.policyset.policyset import PolicySet
    from engine.simulation.sweeping.axes import Edit
    from engine.simulation.terms import Terms


def work(unit: Unit) -> bytes:
    """The result of a unit."""
    _expect(_base(unit.directory), unit.base, f"the set in `{unit.directory}`")
    varied = variant(unit.directory, unit.edits)
    if isinstance(varied, tuple):
        return refused(varied)
    recording = _recording(unit.files, replace(unit.terms, stress=1))
    _expect(recording.digest, unit.data, f"the recording `{unit.files[0]}`")
    return result_of(simulate(varied, recording, unit.terms, prescreen=prescreening()))


def work_and_keep(unit: Unit, folder: Path) -> bytes:
    """The same, and kept before anybody is told: who is killed loses what is being worked."""
    result = work(unit)
    write_whole(Kept(folder).path(unit.key), result)
    return result


def variant(directory: Path, edits: Sequence[Edit]) -> PolicySet | tuple[Diagnostic, ...]:
    """The set with its edits, or why there is none."""
    drafts: dict[Path, bytes] = {}
    for edit in edits:
        done = change(directory, drafts, edit.document, Change(edit.path, edit.value, "a sweep"))
        if not isinstance(done, Changed):
            found = () if isinstance(done, NotThere) else done.diagnostics
            message = f"`{edit.words}` cannot be set: {done.reason}"
            return tuple(found) or (Diagnostic("M833", message, None, "see `policy show`"),)
        drafts[done.path.resolve()] = done.text.encode()
    loaded = load_policy_set(directory, drafts=drafts)
    errors = tuple(each for each in loaded.diagnostics if each.severity is Severity.ERROR)
    return errors if loaded.policy_set is None else loaded.policy_set


@lru_cache(maxsize=8)
def _base(directory: Path) -> str:
    return load_policy_set(directory).required().hash


@lru_cache(maxsize=1)
def _recording(files: tuple[Path, ...], terms: Terms) -> Recording:
    # A worker is given one unit after the other of the same recording.
    return opened(files, terms)


def _expect(found: str, planned: str, what: str) -> None:
    if found != planned:
        message = f"{what} is {found[:12]} here, and was {planned[:12]} when the sweep was planned"
        mend = "let every worker see the same files, and do not change them during a sweep"
        raise MandateError([Diagnostic("M832", message, None, mend)])
