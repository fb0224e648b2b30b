"""The documentation says what the program does: its commands are read by the program itself."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cli.application import Invocation, parse
from cli.policy import POLICY
from cli.trader import TRADER
from engine.codes import CODES
from engine.kinds.registry import KINDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((DOCS / "guides").glob("*.md"))]
COMMANDS = {each.name: each for each in (POLICY, TRADER)}


def _typed() -> list[tuple[str, str]]:
    """Each command of ours in a console block, by the page that shows it."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            words = (line.removeprefix("$ ").removeprefix(".venv/bin/") for line in lines)
            found += [(page.name, each) for each in words if each.split()[0] in COMMANDS]
    return found


@pytest.mark.parametrize(("page", "line"), _typed(), ids=lambda each: each[:60])
def test_a_command_that_is_shown_is_one_that_is_there(page: str, line: str) -> None:
    """Verb, arguments and options are read as they stand on the page, by the real command."""
    words = shlex.split(line, comments=True)
    words = words[: words.index(">")] if ">" in words else words
    asked = Invocation()
    parse(COMMANDS[words[0]], words[1:], asked)
    assert asked.call is not None, page


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """The generated pages, by their names; made in a process that has the site's own path."""
    code = "import json, reference; print(json.dumps(dict(reference.pages())))"
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{DOCS}:{ROOT}", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    import json

    pages: dict[str, str] = json.loads(done.stdout)
    return pages


@pytest.mark.long
def test_every_kind_verb_and_code_has_its_place(generated: dict[str, str]) -> None:
    """What a registry gains is in the reference without anybody writing it."""
    kinds = [name for name in generated if name.startswith("kinds/") and "index" not in name]
    assert len(kinds) == len(KINDS)
    assert all(f"### {code}: " in generated["codes"] for code in CODES)
    for command in COMMANDS.values():
        for entry in command.verbs:
            said = [name for name in generated if name.startswith(f"verbs/{command.name}-")]
            assert any(name.startswith(f"verbs/{command.name}-{entry.name}") for name in said)
    assert all("Usage:" in text for name, text in generated.items() if name.count("-"))


@pytest.mark.long
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """A link that leads nowhere, or a page that nobody can reach, is an error."""
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", str(DOCS), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "every" in (tmp_path / "index.html").read_text()
    pages = [each.read_text() for each in tmp_path.rglob("*.html")]
    assert len(pages) > len(KINDS) + 40
    loaded = r'(?:<script[^>]+src|<link[^>]+rel="stylesheet"[^>]+href|<img[^>]+src)="(?:https?:)?//'
    assert not [each for each in pages if re.search(loaded, each)]
