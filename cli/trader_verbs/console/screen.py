"""A panel as a terminal's screen, as large as the terminal is and no larger.

In: a `Panel`, a size in cells. Out: what rich draws. Where there is little room, parts that ask for
a look keep theirs, the others are cut and say by how much. Words of the ledger are text, never
markup, and control characters in them never reach the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cli.output.text import visible
from cli.trader_verbs.console.panel import Bar, Bars, Cell, Figure, Part, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from cli.trader_verbs.console.panel import Panel

_STYLES = {
    Tone.PLAIN: "",
    Tone.QUIET: "dim",
    Tone.GOOD: "green",
    Tone.WARN: "yellow",
    Tone.BAD: "bold red",
}
_BANNERS = {Tone.GOOD: "black on green", Tone.WARN: "black on yellow", Tone.BAD: "white on red"}
_FULL_PCT = 100.0
_BAR_CELLS = 20
_HEAD_LINES = 9
"""The banner, five lines about the run, two of figures, and the foot."""
_FIGURES_A_LINE = 4
_EMPTY_LINES = 1
_WIDE = 110
"""Cells from which figures show what belongs to them."""


def screen(panel: Panel, width: int, height: int, foot: str, *, troubled: bool = False) -> Group:
    """The whole screen; `foot` is its last line."""
    shown = list(_fitted(panel, height - _HEAD_LINES))
    return Group(
        _banner(panel, width),
        _about(panel),
        _figures(panel.figures, noted=width >= _WIDE),
        *shown,
        Text(
            visible(foot),
            style="bold red" if troubled else "dim",
            no_wrap=True,
            overflow="ellipsis",
        ),
    )


def _banner(panel: Panel, width: int) -> Text:
    said = visible(f" {panel.state.text}  {panel.says}")
    text = Text(said, style=_BANNERS.get(panel.state.tone, "reverse"), no_wrap=True)
    text.truncate(width, overflow="ellipsis", pad=True)
    return text


def _about(panel: Panel) -> Table:
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_row("stream", _text(Cell(panel.stream)))
    grid.add_row("policy set", _text(Cell(panel.policy_set)))
    grid.add_row("hash", _text(Cell(panel.hash or "none")))
    grid.add_row("last cycle", _text(panel.last_cycle))
    grid.add_row("run by", _text(panel.run_by))
    return grid


def _figures(figures: Sequence[Figure], *, noted: bool) -> Table:
    """Two lines of four, each a value with its name, and what belongs to it where there is room."""
    grid = Table.grid(padding=(0, 2), expand=True)
    for _ in range(_FIGURES_A_LINE):
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for at in range(0, len(figures), _FIGURES_A_LINE):
        grid.add_row(*(_figure(each, noted=noted) for each in figures[at : at + _FIGURES_A_LINE]))
    return grid


def _figure(figure: Figure, *, noted: bool) -> Text:
    bold = f"bold {_STYLES[figure.tone]}".strip()
    note = f"  {figure.note}" if noted else ""
    return Text.assemble((f"{figure.value} ", bold), figure.label, (note, "dim"))


def _fitted(panel: Panel, lines: int) -> Iterator[RenderableType]:
    """Parts and bars, in so many lines: what is empty takes one together, the rest share."""
    blocks: list[Part | Bars] = [
        *(each for each in panel.parts if each.rows and each.urgent),
        *(each for each in panel.bars if each.bars),
        *(each for each in panel.parts if each.rows and not each.urgent),
    ]
    hidden: list[Part | Bars] = []
    while blocks and sum(_frame(each) + 1 for each in blocks) > lines - _EMPTY_LINES:
        hidden.insert(0, blocks.pop())
    free = lines - sum(map(_frame, blocks)) - _EMPTY_LINES
    urgent = [isinstance(each, Part) and each.urgent for each in blocks]
    for block, room in zip(blocks, shares([*map(_wanted, blocks)], urgent, free), strict=True):
        yield Text()
        yield _title(block, room)
        yield _bars(block, room) if isinstance(block, Bars) else _part(block, room)
    empty = [each for each in panel.parts if not each.rows]
    silent = [each for each in panel.bars if not each.bars]
    yield _hidden(hidden) if hidden else _quiet([*empty, *silent])


def _wanted(block: Part | Bars) -> int:
    return len(block.bars) if isinstance(block, Bars) else len(block.rows)


def _frame(block: Part | Bars) -> int:
    """The lines of a block beside its rows: a blank one, its title, and its heads."""
    return 2 if isinstance(block, Bars) else 3


def shares(wants: Sequence[int], urgent: Sequence[bool], free: int) -> list[int]:
    """How many of `free` lines each gets: one for everybody, then the urgent, then in turn."""
    got = [min(each, 1) for each in wants]
    for first in (True, False):
        while short := _short(wants, got, [first <= each for each in urgent], free - sum(got)):
            for at in short:
                got[at] += 1
    return got


def _short(
    wants: Sequence[int], got: Sequence[int], may: Sequence[bool], left: int
) -> Sequence[int]:
    """Those that may have a line more, as many as there are lines left."""
    rows = enumerate(zip(wants, got, may, strict=True))
    return [at for at, (want, has, allowed) in rows if has < want and allowed][: max(left, 0)]


def _bars(block: Bars, room: int) -> Table:
    table = _table(heads=False)
    for ratio in (2, None, None, 5):
        table.add_column(ratio=ratio, no_wrap=True, overflow="ellipsis")
    for each in block.bars[:room]:
        style = _STYLES[each.tone]
        share = Text(f"{each.used_pct:4.0f} %", style=style)
        words = Text(visible(each.says), style="dim")
        table.add_row(Text(visible(each.name), style=style), _meter(each), share, words)
    return table


def _meter(bar: Bar) -> Text:
    filled = round(_BAR_CELLS * min(bar.used_pct, _FULL_PCT) / _FULL_PCT)
    text = Text("█" * filled, style=_STYLES[bar.tone] or "blue")
    return text.append("░" * (_BAR_CELLS - filled), style="dim")


def _part(part: Part, room: int) -> Table:
    table = _table(heads=True)
    for at, heading in enumerate(part.heads):
        last = at == len(part.heads) - 1
        table.add_column(
            heading,
            justify="right" if at in part.numbers else "left",
            ratio=1 if last else None,
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in part.rows[:room]:
        table.add_row(*map(_text, row))
    return table


def _table(*, heads: bool) -> Table:
    return Table(box=None, show_header=heads, header_style="dim", padding=(0, 2, 0, 0), expand=True)


def _title(block: Part | Bars, room: int) -> Text:
    left = _wanted(block) - room
    more = f"  ({left} more)" if left > 0 else ""
    title = Text.assemble((block.title, "bold"), (more, "yellow"))
    title.no_wrap, title.overflow = True, "ellipsis"
    return title


def _quiet(empty: Sequence[Part | Bars]) -> Text:
    """The parts that have nothing to say, each in a word."""
    said = "   ".join(f"{each.title}: {each.none}" for each in empty)
    return Text(said, style="dim", no_wrap=True, overflow="ellipsis")


def _hidden(blocks: Sequence[Part | Bars]) -> Text:
    titles = ", ".join(each.title for each in blocks)
    said = f"no room for: {titles}"
    return Text(said, style="yellow", no_wrap=True, overflow="ellipsis")


def _text(cell: Cell) -> Text:
    return Text(visible(cell.text), style=_STYLES[cell.tone])
