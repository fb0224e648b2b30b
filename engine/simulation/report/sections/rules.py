"""What the rules did: limits and their headroom, refusals, breakers and alerts, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.records.telling import short_rule
from engine.markup import Html, element, table
from engine.model.usage import NEAR_PCT
from engine.simulation.blame import blamed, silent_cycles
from engine.simulation.distance import distances, never_fired
from engine.simulation.latches import alerts, trips
from engine.simulation.report.sections.money import chart
from engine.simulation.report.sections.wording import NONE, stamp, usd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.simulation.distance import Distance
    from engine.simulation.latches import Stretch
    from engine.simulation.result import Simulation
    from engine.simulation.saved import Estimate

_MOST_SILENCES = 12
_FULL_PCT = 100.0


def limits(simulation: Simulation) -> Html:
    """How near orders came to their limits."""
    near = sorted(distances(simulation), key=lambda d: (-(d.nearest_pct or -1.0), d.count.rule))
    rows = [_distance(each) for each in near]
    heads = ("rule", "nearest", "when", "how near orders were", "asked", "bound")
    return element(
        "section",
        element("h2", "Limits and their headroom"),
        element(
            "p", "Each order, by how much of a limit it used; at 100 % it binds.", class_="lead"
        ),
        chart("headroom", "How much of its limit each order used"),
        table("Every limit and guard, the nearest first", heads, rows, 2),
        id="limits",
    )


def _distance(distance: Distance) -> tuple[Html | str, ...]:
    nearest = distance.nearest_pct
    return (
        short_rule(distance.count.rule),
        NONE if nearest is None else _meter(nearest),
        stamp(distance.nearest_at),
        _spark(distance.histogram),
        f"{distance.count.asked:,}",
        f"{distance.count.bound:,}",
    )


def _meter(used: float) -> Html:
    kind = "meter over" if used > _FULL_PCT else "meter near" if used >= NEAR_PCT else "meter"
    bar = element("span", element("i", style=f"width:{min(used, _FULL_PCT):.0f}%"), class_=kind)
    shown = f" {used:.0f} %" if used < 10 * _FULL_PCT else " over"
    return element("span", bar, shown)


def _spark(counts: Sequence[int]) -> Html:
    most = max(counts) or 1
    words = ", ".join(f"{n * 10} %: {count:,}" for n, count in enumerate(counts) if count)
    bars = (element("i", style=f"height:{100 * count / most:.0f}%") for count in counts)
    return element("span", *bars, class_="spark", role="img", aria_label=words, title=words)


def refused(simulation: Simulation, guesses: Sequence[Estimate]) -> Html:
    """What refused, what that saved and cost, and why nothing was even proposed."""
    named = {each.rule: each for each in guesses}
    rows = [
        (
            short_rule(b.what),
            f"{b.orders:,}",
            f"{b.alone:,}",
            usd(b.asked_usd),
            *_guess(named.get(b.what)),
        )
        for b in blamed(simulation)
    ]
    silent = [(why, f"{count:,}") for why, count in silent_cycles(simulation)[:_MOST_SILENCES]]
    heads = ("rule", "orders", "alone", "asked, USD", "saved", "cost")
    return element(
        "section",
        element("h2", "What was refused"),
        chart("denials", "Denied orders over time, by rule"),
        element("h2", "What the rules saved and cost: an estimate"),
        element(
            "p",
            "Each denied entry followed to the exit of its plan: bought in full at its limit, sold "
            "at the bid of the first cycle that meets the plan's stop, trail, target or longest "
            "hold. What a plan asks beyond the price is not followed, nor what else the account "
            "would have done. An entry that several rules refuse counts for each.",
            class_="lead",
        ),
        chart("saved", "Estimate of what each rule saved and cost"),
        table("Refusals, and the estimate in USD", heads, rows, 5),
        table("Why nothing was proposed", ("reason", "cycles of a product"), silent, 1),
        id="refused",
    )


def _guess(estimate: Estimate | None) -> tuple[str, str]:
    return ("", "") if estimate is None else (usd(estimate.saved), usd(estimate.cost))


def watch(simulation: Simulation) -> Html:
    """Breakers that tripped and alerts that fired."""
    heads = ("name", "product", "from", "until", "", "because")
    return element(
        "section",
        element("h2", "Breakers and alerts"),
        table("Breakers that tripped", heads, _stretches(trips(simulation.events))),
        table("Alerts that fired", heads, _stretches(alerts(simulation.events))),
        id="watch",
    )


def _stretches(found: Sequence[Stretch]) -> list[tuple[str, ...]]:
    return [
        (e.name, e.key, stamp(e.begun), stamp(e.ended), e.grade, " ".join(e.text.split()))
        for e in found
    ] or [("none", "", "", "", "", "")]


def coverage(simulation: Simulation) -> Html:
    """What this market did not test, and every rule's counts."""
    untested = [
        (
            short_rule(d.count.rule),
            d.count.role.value,
            NONE if d.nearest_pct is None else _meter(d.nearest_pct),
        )
        for d in distances(simulation)
        if d.untested
    ]
    never = {each.rule for each in never_fired(simulation)}
    ordered = sorted(simulation.rules, key=lambda r: (r.rule not in never, r.rule))
    rows = [
        (
            short_rule(each.rule),
            each.role.value.replace("_", " "),
            each.stage,
            f"{each.asked:,}",
            f"{each.fired:,}",
            f"{each.fired_pct:.2f} %" if each.asked else NONE,
            f"{each.undecided:,}",
        )
        for each in ordered
    ]
    heads = ("rule", "asks as", "stage", "asked", "fired", "", "undecided")
    lead = (
        f"{len(never)} of {len(simulation.rules)} rules never fired on this recording; "
        f"{len(untested)} limits and guards never came within 10 % of binding."
    )
    return element(
        "section",
        element("h2", "What this market did not test"),
        element("p", lead, class_="lead"),
        table("Never near", ("rule", "role", "nearest"), untested),
        table("Every rule; those that never fired first", heads, rows, 4),
        id="coverage",
    )
