"""A simulation as text: the result, what the rules did, and what this market did not test.

In: a `Simulation`. Out: text, the same words on a terminal and in a pipe. What is an estimate is
called one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cli.trader_verbs.running.heading import corrections
from cli.trader_verbs.shown import (
    clock,
    columns,
    counted,
    lasting,
    money,
    percent,
    signed,
)
from engine.cycle.records.telling import short_rule
from engine.kinds.rule import RuleRole
from engine.model.usage import NEAR_PCT
from engine.simulation.blame import blamed
from engine.simulation.distance import distances, never_fired
from engine.simulation.figures import figures_of
from engine.simulation.latches import alerts, trips
from engine.simulation.saved import estimates, follow
from engine.simulation.thinning import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.simulation.distance import Distance
    from engine.simulation.figures import Drawdown, Figures
    from engine.simulation.latches import Stretch
    from engine.simulation.result import Simulation
    from engine.simulation.saved import Estimate

_BLOCKS = "▁▂▃▄▅▆▇█"
_LINE_WIDTH = 60
_SHOWN = 12
_WIDTH = 96


def page(simulation: Simulation) -> str:
    """The whole page, its parts apart by a blank line."""
    figures = figures_of(simulation)
    parts = (
        _heading(simulation),
        _result(simulation, figures),
        _denials(simulation),
        _watch(simulation),
        _coverage(simulation),
    )
    return "\n".join(part for part in parts if part)


def _heading(simulation: Simulation) -> str:
    policy_set, report = simulation.policy_set, simulation.recording.report
    span = f"{clock(simulation.first)} to {clock(simulation.last)} UTC"
    every = lasting(policy_set.schedule.interval)
    rows = [
        ("policy set", policy_set.name),
        ("hash", policy_set.hash),
        ("mode", f"{simulation.mode.value}, begun with {money(simulation.begun_with, 'USD')}"),
        ("recording", f"{counted(report.events, 'event')}, quotes {simulation.quotes_are}"),
        ("", _wrapped(", ".join(map(str, report.symbols)))),
        *(("", words) for words in corrections(report)),
        ("cycles", f"{simulation.cycles:,}, one every {every}, {span}"),
        *(("", words) for words in _left_out(simulation)),
        *(("terms", words) for words in _terms(simulation)),
    ]
    return columns(rows, indent=0)


def _left_out(simulation: Simulation) -> Iterator[str]:
    if simulation.stepped < simulation.cycles:
        yield f"{simulation.stepped:,} of them stepped, which signals and silences are counted in"


def _terms(simulation: Simulation) -> Iterator[str]:
    terms = simulation.terms
    if terms.stress > 1:
        yield f"stress: {terms.stress} times the messages and the volume of the recording"
    if terms.latency_s:
        yield f"an order meets the market {terms.latency_s:g} s after it was sent"
    if simulation.skipped_s:
        yield f"{lasting(simulation.skipped_s)} without any quote left out"


def _wrapped(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: text.rindex(',', 0, _WIDTH)]}, …"


def _result(simulation: Simulation, figures: Figures) -> str:
    rows = [
        ("equity", money(figures.ended_with), f"USD  {_line(simulation)}"),
        ("result", signed(figures.result), f"USD, {percent(figures.result_pct)} after fees"),
        ("worst drawdown", *_fall(figures.drawdown)),
        ("fees", money(figures.fees), f"USD on {money(figures.turnover, 'USD')} traded"),
        ("slippage", money(abs(figures.slippage)), f"USD {_slip(figures)}"),
        ("exposure", f"{figures.exposure_most_pct:.2f}", _exposure(figures)),
        ("trades", f"{figures.trades:,}", _trades(figures)),
        ("orders", f"{len(simulation.sent):,}", f"allowed, {len(simulation.denied):,} denied"),
    ]
    return columns(rows, right=(1,), indent=0)


def _line(simulation: Simulation) -> str:
    """Equity as a line of blocks, whatever the terminal is; no more than it says."""
    values = simulation.series.equity
    at = kept(values, _LINE_WIDTH)
    shown = [values[place] for place in at if values[place] == values[place]]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    span = (high - low) or 1.0
    return "".join(_BLOCKS[round((each - low) / span * (len(_BLOCKS) - 1))] for each in shown)


def _slip(figures: Figures) -> str:
    side = "better" if figures.slippage < 0 else "worse"
    return f"{side} than the prices that were decided on"


def _fall(fall: Drawdown | None) -> tuple[str, str]:
    if fall is None:
        return "0.00", "%"
    back = "not recovered" if fall.recovered is None else f"recovered {clock(fall.recovered)}"
    return f"{fall.pct:.2f}", f"%, {fall.usd:,.2f} USD, bottom {clock(fall.bottom)}, {back}"


def _exposure(figures: Figures) -> str:
    share = figures.exposed_pct_of_time
    return (
        f"% of equity at most, {figures.exposure_mean_pct:.2f} % on average, {share:.0f} % of time"
    )


def _trades(figures: Figures) -> str:
    if not figures.trades:
        return "closed"
    held = "" if figures.held_s is None else f", held {lasting(figures.held_s)} on average"
    ends = f"best {signed(figures.best)}, worst {signed(figures.worst)}"
    return f"closed: {figures.won} won, {figures.lost} lost, {ends}{held}"


def _denials(simulation: Simulation) -> str:
    """What refused, and beside it what that may have saved and cost."""
    found = blamed(simulation)
    if not found:
        return "no order was denied\n"
    guesses = {each.rule: each for each in estimates(follow(simulation))}
    head = ("denied by", "orders", "alone", "asked", "saved", "cost")
    rows = [
        (
            short_rule(each.what),
            f"{each.orders:,}",
            f"{each.alone:,}",
            money(each.asked_usd),
            *_guess(guesses.get(each.what)),
        )
        for each in found[:_SHOWN]
    ]
    more = len(found) - _SHOWN
    rest = f"  and {counted(more, 'more reason')}\n" if more > 0 else ""
    note = (
        "  saved and cost are estimates: each denied entry, followed to the exit of its plan\n"
        if guesses
        else ""
    )
    return columns([head, *rows], right=(1, 2, 3, 4, 5), indent=0) + rest + note


def _guess(estimate: Estimate | None) -> tuple[str, str]:
    return ("", "") if estimate is None else (money(estimate.saved), money(estimate.cost))


def _watch(simulation: Simulation) -> str:
    rows = [
        *_listed("tripped", trips(simulation.events)),
        *_listed("alerts", alerts(simulation.events)),
    ]
    return columns(rows, indent=0)


def _listed(title: str, stretches: Sequence[Stretch]) -> Iterator[tuple[str, str]]:
    """Each name once: how often, for how long, and when first."""
    counts: Counter[str] = Counter(each.name for each in stretches)
    if not counts:
        yield title, "none"
    first = {each.name: each for each in reversed(stretches)}
    for at, (name, count) in enumerate(sorted(counts.items())):
        often = "" if count == 1 else f", {count} times"
        yield title if not at else "", f"{name}{often}, first {clock(first[name].begun)}"


def _coverage(simulation: Simulation) -> str:
    """What this market did not test: a set that only ever saw a calm day is not tested."""
    near = distances(simulation)
    limits = [each for each in near if each.untested and each.count.role is RuleRole.LIMIT]
    guards = [each for each in near if each.untested and each.count.role is RuleRole.GUARD]
    quiet = {RuleRole.TRIP: "breakers", RuleRole.ALERT: "alerts"}
    rows = [
        (f"limits never at {NEAR_PCT:.0f} %", _names(limits)),
        ("guards never near", _names(guards)),
    ]
    never = never_fired(simulation)
    for role, noun in quiet.items():
        names = [short_rule(each.rule) for each in never if each.role is role]
        rows.append((f"{noun} never", _joined(names)))
    return "not tested by this market\n" + columns(
        [(title, line) for title, words in rows for title, line in _folded(title, words)]
    )


def _names(found: Iterable[Distance]) -> str:
    return _joined(
        f"{short_rule(each.count.rule)} ({each.nearest_pct:.0f} %)"
        if each.nearest_pct is not None
        else short_rule(each.count.rule)
        for each in found
    )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _folded(title: str, words: str) -> Iterator[tuple[str, str]]:
    """A long list on several lines, its title on the first."""
    line = ""
    for word in words.split(", "):
        if line and len(line) + len(word) > _WIDTH:
            yield title, f"{line},"
            title, line = "", word
        else:
            line = f"{line}, {word}" if line else word
    yield title, line
