"""The choice of a format: the one place that knows all of them.

In: findings and a `Format`. Out: the findings, written to a stream. A format is imported when
it is asked for, since most runs need one.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TextIO, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.errors import Diagnostic


class Format(Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def write_findings(findings: Iterable[Diagnostic], chosen: Format, stream: TextIO) -> None:
    """Write the findings in the chosen format."""
    match chosen:
        case Format.TEXT:
            from cli.output.text import write_text  # noqa: PLC0415 - only the format asked for

            write_text(findings, stream)
        case Format.JSON:
            from cli.output.json import render_json  # noqa: PLC0415 - only the format asked for

            stream.write(render_json(findings))
        case Format.GITHUB:
            from cli.output.github import render_github  # noqa: PLC0415 - only the format asked for

            stream.write(render_github(findings))
        case Format.SARIF:
            from cli.application import release  # noqa: PLC0415 - only the format asked for
            from cli.output.sarif import render_sarif  # noqa: PLC0415 - only the format asked for

            stream.write(render_sarif(findings, release()))
        case _:
            assert_never(chosen)
