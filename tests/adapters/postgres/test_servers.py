"""The server of these tests: an installed PostgreSQL, or the wheel's; both will do."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest
from fakes.postgres import bundled, running_server

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.postgres import Server


def asked(server: Server) -> object:
    """What a new database of it answers."""
    with psycopg.connect(server.database()) as connection:
        return connection.execute("SELECT 1").fetchone()


@pytest.mark.nightly  # where nothing is installed, every other test of this folder shows it
def test_the_wheel_s_server_will_do() -> None:
    """It starts, answers, falls as by a power cut, and comes back, without root and without a port.

    Where the tests are root's, it also does from a folder that is closed to everybody else.
    """
    programs = bundled()
    assert programs is not None
    with running_server(programs) as server:
        assert asked(server) == (1,)
        server.stop("immediate")
        assert not server.running
        server.start()
        assert asked(server) == (1,)


@pytest.mark.nightly
@pytest.mark.skipif(os.getuid() != 0, reason="whoever is not root runs the programs as himself")
def test_programs_that_only_root_may_run_are_copied(tmp_path: Path) -> None:
    """The server is another user's process, as it refuses to be root's."""
    programs = bundled()
    assert programs is not None
    closed = tmp_path / "closed"
    package = programs.parents[1]
    for each in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(each, closed / each.name, symlinks=True)
    closed.chmod(0o700)
    with running_server(closed / programs.relative_to(package.parent)) as server:
        assert server.programs.is_relative_to(server.folder)
        assert asked(server) == (1,)
