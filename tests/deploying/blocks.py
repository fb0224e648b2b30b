"""The fenced blocks of a page: what a person copies into a terminal.

In: Markdown. Out: each block's words after its fence, and its text without the indentation of the
list that it stands in.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[a-z ]+)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block; `tried` ones are run by a test."""

    info: str
    text: str

    @property
    def tried(self) -> bool:
        """Whether a test runs it."""
        return self.info.split() == ["sh", "tried"]


def blocks(page: str) -> list[Block]:
    """Every block of a page, in its order."""
    return [Block(each["info"], textwrap.dedent(each["body"])) for each in _FENCE.finditer(page)]


def commands(text: str) -> list[list[str]]:
    """The calls of `trader` and `policy` in a script, each as its words; quotes keep theirs."""
    joined = text.replace("\\\n", " ")
    found = re.findall(r"(?<![\w/.-])(?:trader|policy) [^\n#|;&`)]*", joined)
    return [each.split() for each in found]
