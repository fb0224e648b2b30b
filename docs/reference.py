"""The pages that a registry knows: kinds, verbs, facts, functions and codes.

In: the registries of the engine and of the two commands. Out: Markdown pages in one folder, which
is made anew. Nothing here is written by hand, so nothing here can be out of date.
"""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stdout, suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from cli.application import Invocation, parse
from cli.policy import POLICY
from cli.trader import TRADER
from cli.verbs import Group
from engine.codes import CODES
from engine.expr.facts import VOCABULARY
from engine.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.verbs import Command
    from engine.codes.code import Code
    from engine.expr.vocabulary import FactSpec

ROOT = Path(__file__).parents[1]
FACTS_SAY = "What rules can ask about. Each policy set adds its own: `policy facts` lists them."
CODES_SAY = (
    "Whatever is refused has a code, a place and a mend. `policy explain CODE` says the same in a "
    "terminal."
)
FAMILIES = {
    "M1": "reading",
    "M2": "expressions",
    "M3": "policy",
    "M4": "cycle and ledger",
    "M5": "adapters",
    "M6": "the venue of our own",
    "M7": "comparison, checks, provenance and reload",
    "M8": "simulation",
    "M9": "operations",
}


def write_reference(folder: Path) -> None:
    """Write every page, and the list that leads to them."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in pages():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def pages() -> Iterator[tuple[str, str]]:
    """Each page by its name."""
    yield from _kinds()
    yield from _verbs()
    yield "facts", _facts()
    yield "codes", _codes()
    yield "index", _index()


def _index() -> str:
    listed = ("kinds/index", "verbs/index", "facts", "codes")
    return _page("Reference", "All of this is generated from the program that you run.", listed)


def _page(title: str, text: str, below: tuple[str, ...]) -> str:
    lines = "\n".join(below)
    return f"# {title}\n\n{text}\n\n```{{toctree}}\n:maxdepth: 1\n\n{lines}\n```\n"


def _kinds() -> Iterator[tuple[str, str]]:
    names = sorted(KINDS)
    text = "A policy set is YAML documents of these kinds; each has a closed JSON Schema."
    yield "kinds/index", _page("Kinds of documents", text, tuple(_folder(each) for each in names))
    for name in names:
        folder = ROOT / "engine/kinds" / _folder(name)
        said = (folder / "README.md").read_text(encoding="utf-8").strip()
        said = said.replace("A whole document is in [example.yaml](example.yaml).", "").strip()
        example = (folder / "example.yaml").read_text(encoding="utf-8").strip()
        yield f"kinds/{_folder(name)}", f"{said}\n\n## Example\n\n```yaml\n{example}\n```\n"


def _folder(kind: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind).removeprefix("_")


def _verbs() -> Iterator[tuple[str, str]]:
    named = [*_words(POLICY), *_words(TRADER)]
    text = "Two commands: `policy` for documents, `trader` for a run and its ledger."
    below = tuple("-".join(words) for _, words in named)
    yield "verbs/index", _page("Verbs", text, below)
    for command, words in named:
        title = " ".join(words)
        help_text = _help(command, words[1:])
        yield f"verbs/{'-'.join(words)}", f"# `{title}`\n\n```text\n{help_text}\n```\n"


def _words(command: Command) -> Iterator[tuple[Command, tuple[str, ...]]]:
    for entry in command.verbs:
        if isinstance(entry, Group):
            yield from ((command, (command.name, entry.name, each.name)) for each in entry.verbs)
        else:
            yield command, (command.name, entry.name)


def _help(command: Command, words: tuple[str, ...]) -> str:
    """What the command itself says of a verb."""
    told = io.StringIO()
    with redirect_stdout(told), suppress(SystemExit):
        parse(command, [*words, "--help"], Invocation())
    return told.getvalue().strip()


def _facts() -> str:
    specs = sorted(VOCABULARY.specs.values(), key=lambda each: each.name)
    parts = [f"# Facts\n\n{FACTS_SAY}\n"]
    for group, members in groupby(specs, key=lambda each: each.name.partition(".")[0]):
        rows = "\n".join(_fact_row(each) for each in members)
        head = "| fact | type | unit | scope | is |\n|---|---|---|---|---|"
        parts.append(f"## `{group}`\n\n{head}\n{rows}\n")
    return "\n".join(parts)


def _fact_row(spec: FactSpec) -> str:
    unit = spec.unit.value if spec.unit else ""
    said = spec.sentence.replace("|", "\\|")
    return f"| `{spec.name}` | {spec.type.value} | {unit} | {spec.scope.value} | {said} |"


def _codes() -> str:
    parts = [f"# Codes of findings\n\n{CODES_SAY}\n"]
    known = sorted(CODES.values(), key=lambda each: each.code)
    for family, members in groupby(known, key=lambda each: each.code[:2]):
        parts.append(f"## {family}xx: {FAMILIES[family]}\n")
        parts.extend(_code(each) for each in members)
    return "\n".join(parts)


def _code(code: Code) -> str:
    return f"### {code.code}: {code.title}\n\n{code.why}\n\n```text\n{code.example.strip()}\n```\n"
