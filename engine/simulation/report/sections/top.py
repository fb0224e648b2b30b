"""The head of the page, verdict and hashes, and its foot: the recording with its defects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.markup import element, table
from engine.model.times import duration_text
from engine.simulation.report.sections.wording import clock, grade, lasting, pct, signed, usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.markup import Html
    from engine.simulation.against import Difference
    from engine.simulation.figures import Figures
    from engine.simulation.result import Simulation


def header(simulation: Simulation, figures: Figures, difference: Difference | None) -> Html:
    """What was asked, what came out, and the hashes that say of what."""
    every = duration_text(simulation.policy_set.schedule.interval)
    span = f"{clock(simulation.first)} to {clock(simulation.last)} UTC"
    lead = f"{simulation.cycles:,} cycles, one every {every}, {span}."
    return element(
        "header",
        element("h1", f"What “{simulation.policy_set.name}” would have done"),
        element("p", _verdict(simulation, figures, difference), class_="lead"),
        element("ul", *_tiles(simulation, figures), class_="tiles"),
        element("dl", *_rows(simulation, difference, lead)),
    )


def _verdict(simulation: Simulation, figures: Figures, difference: Difference | None) -> str:
    fall = 0.0 if figures.drawdown is None else figures.drawdown.pct
    told = (
        f"{signed(figures.result)} USD ({pct(figures.result_pct)}) after fees, "
        f"{fall:.2f} % below its height at worst; {len(simulation.sent):,} orders allowed, "
        f"{len(simulation.denied):,} denied."
    )
    if difference is None:
        return told
    if not difference.orders:
        return f"{told} The other set has the same orders."
    return (
        f"{told} Against the other set {len(difference.orders):,} orders differ, "
        f"and {signed(difference.result)} USD."
    )


def _tiles(simulation: Simulation, figures: Figures) -> Iterator[Html]:
    fall = figures.drawdown
    yield _tile(signed(figures.result), "result in USD, after fees", grade(figures.result))
    yield _tile("0.00 %" if fall is None else f"{fall.pct:.2f} %", "worst drawdown", "")
    yield _tile(usd(figures.ended_with), f"equity, begun with {usd(figures.begun_with)}", "")
    yield _tile(usd(figures.fees), f"fees; {usd(figures.slippage)} of slippage", "")
    won = f"{figures.won} of {figures.trades} won" if figures.trades else "none"
    yield _tile(won, f"closed trades, {lasting(figures.held_s)} each", "")
    yield _tile(f"{len(simulation.denied):,}", f"denied, {len(simulation.sent):,} allowed", "warn")


def _tile(value: str, words: str, kind: str) -> Html:
    return element("li", element("b", value, class_=kind), element("span", words))


def _rows(simulation: Simulation, difference: Difference | None, lead: str) -> Iterator[Html]:
    rows = [
        ("policy set", simulation.policy_set.hash),
        ("recording", simulation.recording.digest),
        ("decision stream", simulation.stream_hash),
    ]
    if difference is not None:
        rows.insert(1, ("against", difference.base.policy_set.hash))
    for name, value in rows:
        yield element("dt", name)
        yield element("dd", element("code", value))
    yield element("dt", "terms")
    yield element("dd", " ".join((lead, *_terms(simulation))))


def _terms(simulation: Simulation) -> Iterator[str]:
    terms = simulation.terms
    yield f"Mode {simulation.mode.value}; quotes {simulation.quotes_are}."
    if terms.stress > 1:
        yield f"Stress: {terms.stress} times the messages and the volume."
    if terms.latency_s:
        yield f"An order meets the market {terms.latency_s:g} s after it was sent."


def recording(simulation: Simulation) -> Html:
    """The files, and what was wrong with them."""
    report = simulation.recording.report
    files = [
        (each.file.rpartition("/")[2], each.kind.value, f"{each.rows:,}", f"{each.events:,}")
        for each in report.files
    ]
    defects = [
        (each.kind.value.replace("_", " "), each.detail, f"{each.count:,}")
        for each in report.corrections
    ]
    found = (
        table("What was wrong with it, and what was done", ("what", "how", "rows"), defects, 1)
        if defects
        else element("p", "No defect was found.", class_="note")
    )
    lead = f"{report.events:,} events of {len(report.symbols)} products."
    return element(
        "section",
        element("h2", "The recording"),
        element("p", lead, class_="lead"),
        table("Files", ("file", "holds", "rows", "events"), files, 2),
        found,
        id="recording",
    )
