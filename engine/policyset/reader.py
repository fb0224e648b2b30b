"""YAML, as far as we take it: bytes in, our own frozen tree with places out.

In: the bytes of one file. Out: `ReadResult`, the tree (absent when anything was refused) and
every finding of the file. Refuses each construct that two YAML programs read differently or
that hides what is meant: tags, anchors, aliases, merge keys, a second document, folded text,
duplicate or look-alike keys, empty values, `${…}`, and all that `scan` and `scalars` refuse.
The only file that may import ruamel.yaml. It takes the parser's events, not its nodes: an
alias is then never followed, nesting costs no recursion there, and a limit stops the parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn
from unicodedata import normalize

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from engine.errors import Diagnostic, Fix, Severity, Snippet, in_file_order
from engine.policyset.reading.events import events
from engine.policyset.reading.nodes import (
    Entry,
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    ScalarStyle,
    SequenceNode,
    renamed,
)
from engine.policyset.reading.scalars import Refusal, quoted, resolve
from engine.policyset.reading.scan import (
    CONTROL,
    INVISIBLE,
    MAX_DEPTH,
    Source,
    named,
    scan,
    too_deep,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.error import StreamMark
    from ruamel.yaml.events import Event

    from engine.errors import Place

MAX_NODES = 2000
# More than a large set has files, and a few MiB of trees.
_KEPT = 512
_STYLES = {"'": ScalarStyle.QUOTED, '"': ScalarStyle.QUOTED, "|": ScalarStyle.BLOCK}
_UNSEEN = re.compile(f"{CONTROL.pattern}|{INVISIBLE.pattern}|\t")
_ONE_LINE = "write it on one line, or after `|`, so that a finding can point inside it"


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What the parser says, and what a person can do about it; `opening` points at the start."""

    says: str
    message: str
    mend: str
    code: str = "M112"
    opening: bool = False


_LINE_UP = "the indentation does not line up"
_COMPLAINTS = (
    _Complaint("found undefined tag handle", "a tag", "delete it", code="M115"),
    _Complaint("mapping values are not allowed", "a second `:` here", "put the value in quotes"),
    _Complaint("expected ':'", "a line without `key: value`", "add the colon and a space after it"),
    _Complaint("found '}'", "`}` closes nothing", "delete it, or put the value in quotes"),
    _Complaint("found ']'", "`]` closes nothing", "delete it, or put the value in quotes"),
    _Complaint("expected <block end>", _LINE_UP, "indent it as the lines around it"),
    _Complaint("wrong indented", _LINE_UP, "indent it as the lines around it"),
    _Complaint("end of stream", "a quote is never closed", "close the quote", opening=True),
    _Complaint("document separator", "a quote is never closed", "close the quote", opening=True),
    _Complaint(
        "expected ',' or", "a bracket is not closed", "close it, or add the comma", opening=True
    ),
    _Complaint("cannot start any token", "this cannot begin a value", "put the value in quotes"),
    _Complaint("escape", "an escape that YAML does not know", "use single quotes"),
    _Complaint("sequence entries", "a list cannot begin here", "begin it on a line of its own"),
)
_UNKNOWN_COMPLAINT = _Complaint(
    "", "this is not YAML", "compare it with a document that works; `policy init` writes some"
)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """One file, read; `root` is None exactly when a finding is an error."""

    root: Node | None
    diagnostics: tuple[Diagnostic, ...]


@lru_cache(maxsize=_KEPT)
def read_yaml(data: bytes, file: str) -> ReadResult:
    """Read one document; `file` is the name that places carry.

    The answer is a frozen value of the bytes and the name alone, so the last few are kept: the
    layers of a set, the revisions of a diff and the variants of a sweep share most of their files,
    often under other names.
    """
    kept = _kept(data)
    if kept and not kept[0].diagnostics:
        root = kept[0].root
        return ReadResult(renamed(root, file) if root else None, ())
    kept[:] = [_read(data, file)]
    return kept[0]


@lru_cache(maxsize=_KEPT)
def _kept(_data: bytes) -> list[ReadResult]:
    """A place for what these bytes say, under whatever name they were read."""
    return []


def _read(data: bytes, file: str) -> ReadResult:
    source, found = scan(data, file)
    composer = _Composer(source) if source else None
    root = composer.document() if composer else None
    diagnostics = in_file_order([*found, *(composer.found if composer else ())])
    refused = any(each.severity is Severity.ERROR for each in diagnostics)
    return ReadResult(None if refused else root, diagnostics)


class _StopReading(Exception):  # noqa: N818 - not an error: the finding is already written down
    """Leave the recursion: what follows in this file cannot be read."""


class _Composer:
    """Builds the tree of one document from the parser's events, collecting findings."""

    def __init__(self, source: Source) -> None:
        self.found: list[Diagnostic] = []
        self._source = source
        self._events = events(source.text)
        self._count = 0

    def document(self) -> Node | None:
        """The only document of the file; None when it cannot be read to its end."""
        try:
            root = self._root()
            self._nothing_after()
        except _StopReading:
            return None
        except YAMLError as error:
            self._syntax(error)
            return None
        return root

    def _root(self) -> Node:
        event = next((each for each in self._events if isinstance(each, NodeEvent)), None)
        if event is None:
            place = self._source.place(0, 0)
            self._give_up("M113", "the file holds no document", place, "write one, or delete it")
        return self._node(event, 1, self._mark(event.start_mark))

    def _nothing_after(self) -> None:
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                place = self._mark(event.start_mark, 3)
                self._give_up(
                    "M114", "a second document in one file", place, "one file, one document"
                )

    def _node(self, event: Event, depth: int, near: Place) -> Node:
        """One node; `near` is the place to name when it was left out."""
        self._within_limits(event, depth)
        self._bare(event)
        match event:
            case ScalarEvent():
                return self._scalar(event, near)
            case SequenceStartEvent():
                return self._sequence(event, depth)
            case MappingStartEvent():
                return self._mapping(event, depth)
            case _:
                return self._alias(event)

    def _within_limits(self, event: Event, depth: int) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            place = self._mark(event.start_mark)
            message = f"more than {MAX_NODES} keys and values in one file"
            self._give_up("M109", message, place, "split it into several documents")
        if depth > MAX_DEPTH:
            self.found.append(too_deep(self._mark(event.start_mark)))
            raise _StopReading

    def _bare(self, event: Event) -> None:
        """Refuse what YAML hangs on a node: a tag, an anchor."""
        tag, anchor = getattr(event, "ctag", None), getattr(event, "anchor", None)
        if tag is not None:
            mend = "delete it: the schema of the kind decides what a value is"
            self._refuse("M115", "a tag", self._span(event), mend)
        if anchor is not None and not isinstance(event, AliasEvent):
            mend = "delete it, and write the value where it is used"
            self._refuse("M116", f"an anchor {quoted(f'&{anchor}')}", self._span(event), mend)

    def _alias(self, event: Event) -> Node:
        place = self._span(event)
        name = quoted(f"*{getattr(event, 'anchor', '')}")
        self._refuse("M117", f"an alias {name}", place, "write the value here")
        return self._text_node("", ScalarStyle.PLAIN, place)

    def _sequence(self, event: Event, depth: int) -> SequenceNode:
        place = self._mark(event.start_mark)
        items = tuple(
            self._node(each, depth + 1, self._mark(each.start_mark)) for each in self._until_end()
        )
        return SequenceNode(items, place)

    def _mapping(self, event: Event, depth: int) -> MappingNode:
        place = self._mark(event.start_mark)
        entries: dict[str, Entry] = {}
        for each in self._until_end():
            key_place = self._span(each)
            key = self._key(self._node(each, depth + 1, key_place), key_place)
            value = self._node(next(self._events), depth + 1, key_place)
            if key is not None:
                self._add(entries, Entry(key, key_place, value))
        return MappingNode(tuple(entries.values()), place)

    def _until_end(self) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return
            yield event

    def _add(self, entries: dict[str, Entry], entry: Entry) -> None:
        first = entries.setdefault(entry.key, entry)
        if first is not entry:
            message = f"the key {quoted(entry.key)} stands here twice"
            related = ((first.key_place, "first here"),)
            mend = "delete one of the two"
            self.found.append(Diagnostic("M120", message, entry.key_place, mend, related))

    def _key(self, node: Node, place: Place) -> str | None:
        """The text of a key; None when it has been refused."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            mend = "put the key in quotes" if isinstance(node, ScalarNode) else "write one word"
            self._refuse("M119", "a key that is not text", place, mend)
            return None
        if node.value == "<<":
            self._refuse("M118", "a merge key", place, "write the values here")
        elif not node.value.isascii():
            self._look_alike(node.value, place)
        elif not node.value and node.style is ScalarStyle.QUOTED:
            self._refuse("M119", "a key without a name", place, "write one word")
        return node.value or None

    def _look_alike(self, text: str, place: Place) -> None:
        strange = next(char for char in text if not char.isascii())
        message = f"the key {quoted(text)} has the letter {named(strange)}"
        self._refuse(
            "M121", message, place, "keys are plain ASCII, so that none looks like another"
        )

    def _scalar(self, event: ScalarEvent, near: Place) -> ScalarNode:
        style = _STYLES.get(event.style, ScalarStyle.PLAIN)
        place = self._span(event)
        self._as_written(event, place)
        if style is ScalarStyle.PLAIN:
            return self._plain_scalar(event, place, near)
        return self._text_node(event.value, style, place, event)

    def _as_written(self, event: ScalarEvent, place: Place) -> None:
        """Refuse text that a finding could not point into, or that is not what it seems."""
        text: str = event.value
        unseen = _UNSEEN.search(text)
        if event.style == ">":
            self._refuse("M122", "folded text (`>`)", place, _ONE_LINE)
        elif event.style != "|" and event.start_mark.line != event.end_mark.line:
            self._refuse("M122", "text folded over several lines", place, _ONE_LINE)
        elif event.style != "|" and "\n" in text:
            self._refuse("M122", "a line break written as an escape", place, _ONE_LINE)
        if unseen:
            code = "M105" if INVISIBLE.match(unseen[0]) else "M104"
            self._refuse(code, f"{named(unseen[0])}, written as an escape", place, "delete it")

    def _plain_scalar(self, event: ScalarEvent, place: Place, near: Place) -> ScalarNode:
        text: str = event.value
        if not text:
            # A tag or an anchor on nothing has been refused already, with a better mend.
            if event.ctag is None and event.anchor is None:
                self._refuse("M123", "nothing stands here", near, 'write a value, `null`, or `""`')
            return self._text_node("", ScalarStyle.PLAIN, near)
        answer = resolve(text)
        if isinstance(answer, Refusal):
            fix = Fix(place, answer.meant, safe=True) if answer.meant else None
            self.found.append(Diagnostic(answer.code, answer.message, place, answer.help, fix=fix))
            return self._text_node(text, ScalarStyle.PLAIN, place, event)
        kind, value = answer
        if kind is ScalarKind.TEXT:
            return self._text_node(text, ScalarStyle.PLAIN, place, event)
        return ScalarNode(kind, ScalarStyle.PLAIN, value, place, _snippet(text, place, 0))

    def _text_node(
        self, text: str, style: ScalarStyle, place: Place, event: ScalarEvent | None = None
    ) -> ScalarNode:
        value = normalize("NFC", text)
        inset = 1 if style is ScalarStyle.QUOTED else 0
        if event is None:
            snippet = Snippet(place.file, "", ((place.line, place.column),), (place.source_line,))
        elif style is ScalarStyle.BLOCK:
            snippet = self._block_snippet(text, event)
        else:
            snippet = _snippet(text, place, inset)
        dollar = text.find("${")
        if dollar >= 0:
            self._environment(snippet.place(dollar, dollar + 2))
        return ScalarNode(ScalarKind.TEXT, style, value, place, snippet)

    def _environment(self, place: Place) -> None:
        message = "a policy takes nothing from its environment"
        self._refuse("M129", message, place, "write the value")

    def _block_snippet(self, text: str, event: ScalarEvent) -> Snippet:
        rows: list[Place] = []
        for offset, line in enumerate(text.split("\n")):
            row = event.start_mark.line + 1 + offset
            width = len(self._source.place(row, 0).source_line)
            rows.append(self._source.place(row, max(0, width - len(line))))
        anchors = tuple((place.line, place.column) for place in rows)
        return Snippet(self._source.file, text, anchors, tuple(place.source_line for place in rows))

    def _mark(self, mark: StreamMark, width: int = 1) -> Place:
        return self._source.place(mark.line, mark.column, width)

    def _span(self, event: Event) -> Place:
        start, end = event.start_mark, event.end_mark
        same_line = isinstance(event, ScalarEvent | AliasEvent) and start.line == end.line
        return self._mark(start, end.column - start.column if same_line else 1)

    def _refuse(self, code: str, message: str, place: Place, mend: str) -> None:
        self.found.append(Diagnostic(code, message, place, mend))

    def _give_up(self, code: str, message: str, place: Place, mend: str) -> NoReturn:
        self._refuse(code, message, place, mend)
        raise _StopReading

    def _syntax(self, error: YAMLError) -> None:
        # Text that runs on over lines just before the parser gives up is the same mistake.
        if self.found and self.found[-1].code == "M122":
            self.found.pop()
        marked = error if isinstance(error, MarkedYAMLError) else MarkedYAMLError()
        problem = str(marked.problem or marked.context or "").lower()
        known = next((each for each in _COMPLAINTS if each.says in problem), _UNKNOWN_COMPLAINT)
        opening = marked.context_mark if known.opening else None
        mark = opening or marked.problem_mark or marked.context_mark
        place = self._mark(mark) if mark else self._source.place(0, 0)
        dollar = place.source_line.find("${")
        if dollar >= 0:
            self._environment(self._source.place(place.line - 1, dollar, 2))
            return
        self._refuse(known.code, known.message, place, known.mend)


def _snippet(text: str, at: Place, inset: int) -> Snippet:
    # Text of several lines has been refused: one anchor a line keeps the value well formed.
    count = text.count("\n") + 1
    return Snippet(
        at.file, text, ((at.line, at.column + inset),) * count, (at.source_line,) * count
    )
