"""The events of one YAML text, from ruamel's own parser with a quicker eye on the characters.

In: the text of one file. Out: the parser's events, place by place those of the library alone,
which a property holds for any text. Refuses what the library refuses, with its errors.
The library looks at one character at a time, twice; here a stretch of a line that cannot hold
anything else is taken at once, and all that is left is handed to the method that it replaces.
With `reader`, which takes its events and errors, the only file that may import ruamel.yaml.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import StringMark, YAMLError
from ruamel.yaml.events import ScalarEvent
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from ruamel.yaml.tokens import BlockMappingStartToken, KeyToken, ScalarToken, ValueToken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.events import Event
    from ruamel.yaml.tokens import Token

_BREAKS = r"\n\0\r\x85\u2028\u2029"
_COMMENT = rf"(?:#[^{_BREAKS}]*)?"
_SKIPPED = re.compile(rf"(?: *{_COMMENT}\n)* *{_COMMENT}")
# The next line begins with neither a dash nor a dot, which may separate documents.
_LINE_END = re.compile(rf" *\n(?![-.]) *(?=[^ {_BREAKS}]|\0)")
# A key as nearly all of ours are, and what lies before a value that can be nothing but plain text.
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,99}):(?=[ \n])")
_GAP = re.compile(r" +(?=[A-Za-z0-9])")
_NOT_SKIPPED = frozenset("\t\r\x85\u2028\u2029\ufeff")


def _stretch(ends: str) -> re.Pattern[str]:
    """Words of plain text on one line, where a `#` after a space is a comment."""
    word = rf"(?!#)(?:[^ \t{_BREAKS}:{ends}]|:(?![ \t{_BREAKS}]))+"
    return re.compile(rf"{word}(?: +{word})*")


_IN_BLOCK = _stretch("")
_IN_FLOW = _stretch(r",\[\]{}")


def events(text: str) -> Iterator[Event]:
    """What the parser finds in `text`, in order; raises YAMLError where that ends early.

    The text has no directives, so the version of YAML is the library's own from end to end.
    """
    yaml = _Yaml(typ="safe", pure=True)
    yaml.Reader, yaml.Scanner, yaml.Parser = _Reader, _Scanner, _Parser
    try:
        yield from yaml.parse(text)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as slip:
        # The parser trips over some malformed text itself, as over an escape beyond Unicode.
        message = "the parser gave up"
        raise YAMLError(message) from slip


class _Yaml(YAML):
    """Takes no plug-ins: the library would look for them on the disk, once for every file."""

    def official_plug_ins(self) -> list[str]:
        return []


class _Reader(Reader):
    """Goes forward by whole stretches."""

    def forward(self, length: int = 1) -> None:
        piece = self.buffer[self.pointer : self.pointer + length]
        if len(piece) < length or "\r" in piece or "\ufeff" in piece:
            super().forward(length)
            return
        self.pointer += length
        self.index += length
        if "\n" in piece:
            self.line += piece.count("\n")
            self.column = length - 1 - piece.rfind("\n")
        else:
            self.column += length

    def get_mark(self) -> StringMark:
        return StringMark(self.name, self.index, self.line, self.column, self.buffer, self.pointer)


class _Scanner(Scanner):
    """Finds plain text and what lies between tokens by pattern, and settles each token once."""

    # Properties of the base class that ask the loader again at each use.
    reader: Any = None
    scanner_processing_version: Any = None

    def __init__(self, loader: YAML) -> None:
        self.reader = loader.reader
        self.scanner_processing_version = loader.resolver.processing_version
        self._settled = -1
        super().__init__(loader)

    def check_token(self, *choices: type[Token]) -> bool:
        self._settle()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> Token | None:
        self._settle()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Token | None:
        self._settle()
        if not self.tokens:
            return None
        self.tokens_taken += 1
        token: Token = self.tokens.pop(0)
        return token

    def _settle(self) -> None:
        # INVARIANT: until a token is taken, nothing moves that could make the next one a key.
        if self._settled != self.tokens_taken:
            while self.need_more_tokens():
                self.fetch_more_tokens()
            self._settled = self.tokens_taken

    def fetch_more_tokens(self) -> None:
        self.scan_to_next_token()
        key = None
        if self.allow_simple_key and not self.flow_context:
            key = _KEY.match(self.reader.buffer, self.reader.pointer)
        if key is None:
            super().fetch_more_tokens()
        else:
            self._fetch_key(key[1])

    def _fetch_key(self, name: str) -> None:
        """The tokens of `name: value` in a block, all at once where the value is plain text."""
        reader = self.reader
        self.stale_possible_simple_keys()
        self.unwind_indent(reader.column)
        self.remove_possible_simple_key()
        start = reader.get_mark()
        if self.add_indent(reader.column):
            self.tokens.append(BlockMappingStartToken(start, start))
        reader.forward(len(name))
        colon = reader.get_mark()
        reader.forward()
        after = reader.get_mark()
        self.allow_simple_key = False
        self.tokens += (KeyToken(start, start), _plain(name, start, colon))
        self.tokens.append(ValueToken(colon, after))
        if gap := _GAP.match(reader.buffer, reader.pointer):
            reader.forward(len(gap[0]))
            self.tokens.append(self.scan_plain())

    def scan_to_next_token(self) -> None:
        reader = self.reader
        skipped = _SKIPPED.match(reader.buffer, reader.pointer)
        if skipped and skipped[0]:
            reader.forward(len(skipped[0]))
            if "\n" in skipped[0] and not self.flow_context:
                self.allow_simple_key = True
        if reader.peek() in _NOT_SKIPPED:
            super().scan_to_next_token()

    def scan_plain(self) -> ScalarToken:
        reader, stretch = self.reader, _IN_FLOW if self.flow_context else _IN_BLOCK
        start = end = reader.get_mark()
        chunks: list[str] = []
        spaces: list[str] | None = []
        while found := stretch.match(reader.buffer, reader.pointer):
            self.allow_simple_key = False
            chunks += [*(spaces or ()), found[0]]
            reader.forward(len(found[0]))
            end = reader.get_mark()
            spaces = self.scan_plain_spaces(self.indent + 1, start)
            outside = not self.flow_context and reader.column <= self.indent
            if not spaces or outside:
                break
        return _plain("".join(chunks), start, end)

    def scan_plain_spaces(self, indent: int, start_mark: StringMark) -> list[str] | None:
        found = _LINE_END.match(self.reader.buffer, self.reader.pointer)
        if found is None:
            spaces: list[str] | None = super().scan_plain_spaces(indent, start_mark)
            return spaces
        self.reader.forward(len(found[0]))
        self.allow_simple_key = True
        return [" "]


def _plain(text: str, start: StringMark, end: StringMark) -> ScalarToken:
    return ScalarToken(text, True, start, end)  # noqa: FBT003 - the library's order


class _Parser(Parser):
    """Knows its scanner, and a scalar when it sees one."""

    # Properties of the base class that ask the loader again at each use.
    scanner: Any = None
    resolver: Any = None

    def __init__(self, loader: YAML) -> None:
        self.scanner = loader.scanner
        self.resolver = loader.resolver
        super().__init__(loader)

    def parse_node(self, block: bool = False, indentless_sequence: bool = False) -> Event:  # noqa: FBT001, FBT002 - the library's order
        token = self.scanner.peek_token()
        if not isinstance(token, ScalarToken):
            event: Event = super().parse_node(block, indentless_sequence)
            return event
        self.scanner.get_token()
        self.state = self.states.pop()
        implicit = (True, False) if token.plain else (False, True)
        start, end = token.start_mark, token.end_mark
        return ScalarEvent(None, None, implicit, token.value, start, end, style=token.style)
