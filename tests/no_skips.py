"""Nothing is skipped where everything was installed: what `--no-skips` lets pass, and what not.

In: the skips of a run. Out: a failed run, with each skip that installing something would have
spared. CI says `--no-skips` (`.ci/run`); on a plain machine tests skip, and say why.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

EXCUSED = re.compile(r"recorded|recordings|not root|unpacked archive")
"""What no package brings: data that is not ours to publish, a user, a repository."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--no-skips", action="store_true", help="fail when a test is skipped")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that skipped has not passed."""
    if unexcused(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which, and what to do."""
    found = unexcused(config)
    if found:
        terminalreporter.section("skipped, and --no-skips")
        for each in found:
            terminalreporter.write_line(each)
        terminalreporter.write_line("install what they need, or leave --no-skips out")


def unexcused(config: pytest.Config) -> list[str]:
    """Where and why a test was skipped that need not have been; nothing without the option."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not config.getoption("--no-skips"):
        return []
    return sorted(_told(reporter.stats.get("skipped", [])))


def _told(reports: Iterable[pytest.TestReport | pytest.CollectReport]) -> Iterable[str]:
    for each in reports:
        reason = each.longrepr[2] if isinstance(each.longrepr, tuple) else str(each.longrepr)
        if not EXCUSED.search(reason):
            yield f"{each.nodeid}: {reason.removeprefix('Skipped: ')}"
