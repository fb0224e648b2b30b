"""`policy migrate OLD NEW [DIR]`: the files of a set in a later version of the policy language.

In: two versions, a directory. Out: the files, rewritten with their comments, all or none; the set's
hash before and after. Refuses a version that this engine does not speak, and a result that makes no
set: then nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import SET_FILE, Directory, chosen
from cli.policy_verbs.writing import replace_file
from engine.errors import Diagnostic, MandateError
from engine.policyset.opening import load_policy_set
from engine.provenance.languages import LANGUAGES, Languages, migrated

if TYPE_CHECKING:
    from pathlib import Path


def migrate(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The version of the files: v1.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The version that they shall have.")],
    directory: Directory = None,
) -> ExitCode:
    """Write the files of a set in a later version of the language, comments kept.

    A later version is another meaning's name, so the hash is another one: have it approved anew.
    """
    return migrate_set(LANGUAGES, old, new, chosen(directory))


def migrate_set(languages: Languages, old: str, new: str, directory: Path) -> ExitCode:
    """The same with the versions that an engine speaks."""
    steps = languages.way(old, new)
    if isinstance(steps, Diagnostic):
        raise MandateError([steps])
    before = load_policy_set(directory).policy_set
    files = sorted(each for each in directory.rglob("*.yaml") if each.is_file())
    texts = {each: each.read_text(encoding="utf-8") for each in files}
    drafts = {each: migrated(text, steps).encode() for each, text in texts.items()}
    changed = {each: data for each, data in drafts.items() if data != texts[each].encode()}
    resolved = {each.resolve(): data for each, data in changed.items()}
    after = load_policy_set(directory, drafts=resolved).required() if changed else before
    for path, data in changed.items():
        replace_file(path, data)
    was = before.hash if before else f"no set: see `policy lint {directory / SET_FILE}`"
    typer.echo(f"{len(changed)} of {len(files)} files written in `{new}`")
    typer.echo(f"before  {was}\nafter   {after.hash if after else was}")
    return ExitCode.FINE
