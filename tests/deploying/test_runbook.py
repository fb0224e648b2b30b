"""The runbook is true: its blocks are run as written, and every option that it names exists."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from deploying.blocks import blocks, commands
from deploying.verbs import VERBS, options_of

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "runbook.md"
PAGES = (RUNBOOK, *sorted((ROOT / "docs" / "deploy").glob("*")))
PATIENCE_S = 900.0
ENDS = "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\nset -e\n"


def _called(words: list[str]) -> tuple[str, ...] | None:
    """The verb that these words call."""
    for length in (3, 2):
        if tuple(words[:length]) in VERBS:
            return tuple(words[:length])
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_and_option_of_a_page_exists(page: Path) -> None:
    """What is written to be copied is understood by the command."""
    text = page.read_text("utf-8")
    written = re.sub(r"^ *#.*$", "", text, flags=re.MULTILINE)
    scripts = [each.text for each in blocks(text)] if page.suffix == ".md" else [written]
    for words in (found for script in scripts for found in commands(script)):
        if words[1].startswith(("-", "$", ".", "/")):
            continue
        name = _called(words)
        assert name is not None, f"{page.name}: no verb in `{' '.join(words)}`"
        used = {each.partition("=")[0] for each in words if re.match(r"--[a-z]", each)}
        unknown = used - options_of(name)
        assert not unknown, f"{page.name}: `{' '.join(words)}`"


def test_links_within_the_runbook_lead_somewhere() -> None:
    """Each link to a heading names one."""
    text = RUNBOOK.read_text("utf-8")
    heads = {
        each.lower().replace(" ", "-") for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([a-z-]+)\)", text)) <= heads


def _free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A checkout as a newcomer has it, under version control."""
    for name in ("policies", "strategies", "demo"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "the set that runs")):
        subprocess.run(["git", *words], cwd=tmp_path, env=_environment(), check=True)  # noqa: S603, S607 - git, as a person has it
    return tmp_path


def _environment() -> dict[str, str]:
    who = {"NAME": "ann", "EMAIL": "ann@desk.example"}
    git = {
        f"GIT_{role}_{key}": text for role in ("AUTHOR", "COMMITTER") for key, text in who.items()
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ports = {"VENUE_PORT": _free_port(), "PLAIN_PORT": _free_port()}
    return {**os.environ, **git, **ports, "PATH": path}


@pytest.mark.nightly
def test_the_blocks_that_are_marked_run_as_they_are_written(desk: Path) -> None:
    """One after the other, in one terminal: each ends well, and what it promises holds."""
    page = RUNBOOK.read_text("utf-8")
    tried = (each.text for each in blocks(page) if each.tried)
    script = ENDS + "\n".join(f"echo '== {n}'\n{text}" for n, text in enumerate(tried))
    ran = subprocess.run(  # noqa: S603 - the page under test
        ["/bin/bash", "-c", script],
        cwd=desk,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    log = (desk / "desk.log").read_text("utf-8") if (desk / "desk.log").exists() else ""
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}\n{log[-3000:]}"
    assert "HALTED by the kill switch: it looks wrong" in ran.stdout
    assert "run by       nobody at the moment" in ran.stdout
    assert ran.stdout.count("intact") == 1
