"""The operator's door: a kill switch that is a file, and command files that the clockwork takes in.

In: a ledger's directory. Out: the switch as text, commands in the order in which they were
dropped. Refuses a command file that is not one: it is set aside with a note, never guessed at.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from engine.cycle.clockwork import VERBS, Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.times import UtcTime
    from engine.ports import Disk

KILL_SWITCH = "KILL_SWITCH"
_FOLDER = "commands/"
_SET_ASIDE = "commands-refused/"
_ID_DIGITS = 16
_FIELDS = ("verb", "target", "who", "why")


def read_kill_switch(disk: Disk) -> str | None:
    """Why trading is killed, None when it is not. A switch that cannot be read counts as thrown."""
    try:
        text = disk.read(KILL_SWITCH).decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the switch cannot be read: {error.strerror or 'I/O error'}"
    return text.splitlines()[0] if text else "the file is there"


def throw_kill_switch(disk: Disk, who: str, why: str, now: UtcTime) -> OSError | None:
    """Throw the switch; it is durable when this returns, and says who and why.

    On a disk that takes no more bytes the file alone must do: it then says nothing, and what the
    disk said is returned. Raises OSError where not even a name can be written.
    """
    try:
        disk.replace(KILL_SWITCH, f"{why} ({who}, {now})\n".encode())
    except OSError as refused:
        disk.append(KILL_SWITCH, b"")
        return refused
    return None


def release_kill_switch(disk: Disk) -> None:
    """Take the switch away; the latch that it set waits for a recorded `resume`."""
    disk.remove(KILL_SWITCH)


def drop_command(disk: Disk, command: Command, now: UtcTime) -> str:
    """Leave a command for the loop; returns the file's name."""
    place = len(disk.names(_FOLDER))
    name = f"{_FOLDER}{now.ns:020d}-{place:06d}-{command.verb}.json"
    fields = dict(
        zip(_FIELDS, (command.verb, command.target, command.who, command.why), strict=True)
    )
    disk.replace(name, json.dumps(fields, sort_keys=True).encode())
    return name


def take_commands(disk: Disk, verbs: frozenset[str] = VERBS) -> Iterator[Command]:
    """Each command of these verbs; its file stays there until the next one is asked for.

    So by then it was carried out, and is on record under its id. A process that dies over one
    finds it again, and by the record whether it is still to be done.
    """
    for name in disk.names(_FOLDER):
        data = disk.read(name)
        command = _parse(name, data)
        if command is None:
            disk.replace(name.replace(_FOLDER, _SET_ASIDE), data)
        elif command.verb in verbs:
            yield command
        else:
            continue
        disk.remove(name)


def _parse(name: str, data: bytes) -> Command | None:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or sorted(fields) != sorted(_FIELDS):
        return None
    if not all(isinstance(value, str) for value in fields.values()):
        return None
    if fields["verb"] not in VERBS:
        return None
    # The name alone might come again, from a hand whose clock was set back.
    digest = hashlib.sha256(data).hexdigest()[:_ID_DIGITS]
    return Command(**fields, id=f"{name.removeprefix(_FOLDER).removesuffix('.json')}-{digest}")
