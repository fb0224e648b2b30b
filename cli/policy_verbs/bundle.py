"""`policy bundle [DIR]`: a policy set in one file, for people to sign and a host to run.

In: a directory, and what the set is to be approved for. Out: a bundle that nobody has signed yet,
and its set's hash on stdout. Equal sets under equal terms make equal bytes.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import Directory, MisuseError, chosen, misuse, now
from engine.model.orders import Mode  # noqa: TC001 - Typer reads the annotations
from engine.model.times import UtcTime, duration_s
from engine.policyset.opening import load_policy_set
from engine.policyset.reading.files import TESTS
from engine.provenance.bundle import Terms, bundled
from engine.provenance.checkout import commit_of
from engine.provenance.signing import written
from engine.provenance.statement import MAX_SEQUENCE

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet


def bundle(
    directory: Directory = None,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")],
    purpose: Annotated[
        Mode, typer.Option(help="The highest mode that signers will approve it for.")
    ],
    sequence: Annotated[
        int,
        typer.Option(
            min=1, max=MAX_SEQUENCE, help="Higher than that of every bundle that ran before it."
        ),
    ],
    expires: Annotated[
        str, typer.Option(metavar="WHEN", help="When the approval ends: 90d, or a UTC instant.")
    ],
) -> ExitCode:
    """Write a policy set, as it takes effect, into one file that people can sign.

    It holds the effective documents, the sources of Python strategies, and the policy tests beside
    the set. Signers approve exactly these bytes: `policy sign` adds a signature, `policy verify`
    checks them, and `trader run --require-signed` runs nothing else.
    """
    where = chosen(directory)
    try:
        ends = _instant(expires)
    except MisuseError as error:
        return misuse("bundle", str(error))
    policy_set = load_policy_set(where).required()
    terms = Terms(purpose, sequence, ends, commit_of(where, policy_set.hash))
    made = bundled(policy_set, terms, _tests(where))
    written(made, out)
    typer.echo(policy_set.hash)
    typer.echo(_told(policy_set, out, terms, len(made.files)), err=True)
    return ExitCode.FINE


def _instant(text: str) -> UtcTime:
    for read in (UtcTime.parse, lambda each: now().day_start().plus_s(duration_s(each))):
        try:
            ends = read(text)
        except ValueError:
            continue
        if ends <= now():
            message = f"--expires {text} has passed already"
            raise MisuseError(message)
        return ends
    message = f"--expires `{text}` is neither like `90d` nor like `2027-01-01T00:00:00Z`"
    raise MisuseError(message)


def _tests(directory: Path) -> dict[str, bytes]:
    """The policy tests beside a set, by their names below its folder of tests."""
    folder = directory / TESTS
    files = sorted(each for each in folder.rglob("*.yaml") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


def _told(policy_set: PolicySet, out: Path, terms: Terms, files: int) -> str:
    source = "no commit holds it" if terms.commit is None else f"commit {terms.commit}"
    return (
        f"{out}: {policy_set.name}, {files} files, {source}\n"
        f"to be approved for {terms.purpose.value} until {terms.expires}, "
        f"sequence {terms.sequence}\nnext: policy sign {out} --key FILE"
    )
