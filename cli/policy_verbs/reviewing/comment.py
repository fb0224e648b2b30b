"""The one comment of a review: read in two minutes on a telephone, details folded.

In: what judging and playing wrote, as JSON. Out: Markdown of at most 65,536 characters, its first
line the verdict, the approvals and both hashes. Text of a pull request is shown as code: it can
mention nobody, link nowhere, and end nothing that it is inside of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from cli.policy_verbs.reviewing.verdicts import Verdict
from cli.trader_verbs.shown import counted, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.ledger.bodies import Json

    Told = Mapping[str, Json]

MOST_CHARACTERS = 65_536
MARK = "<!-- mandate policy review -->"
"""By it the comment is found again, to be written anew in its place."""

_MOST_SAID = 8
_FOLDED = (400, 100, 25, 5, 0)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def comment(judged: Told, played: Told | None) -> str:
    """The comment, with as many details as there is room for."""
    text = ""
    for most in _FOLDED:
        text = "\n".join(_lines(judged, played, most)) + f"\n\n{MARK}\n"
        if len(text) <= MOST_CHARACTERS:
            return text
    return text[: MOST_CHARACTERS - len(MARK) - 2] + f"\n{MARK}\n"


def code(text: object) -> str:
    """Text of somebody else, so that it is nothing but text."""
    plain = _UNSEEN.sub(" ", str(text)).replace("`", "").strip()
    return f"`{plain or ' '}`"


def _lines(judged: Told, played: Told | None, most: int) -> Iterator[str]:
    sets = [each for each in _list(judged, "sets") if each["verdict"] != Verdict.SAME.value]
    yield _first(judged, sets)
    yield ""
    if not sets:
        yield "No set below the policies means anything else than before."
    yield from _all_sets(sets, played)
    yield from _checks(judged, played)
    for each in sets:
        yield from _details(each, _of_set(played, each), most)


def _first(judged: Told, sets: list[Told]) -> str:
    verdict = Verdict(str(judged["verdict"]))
    worst = next((each for each in sets if each["verdict"] == verdict.value), None)
    if worst is None:
        return f"**{verdict.value}: {verdict.needs}**"
    base, head = (_stamp(worst[side]) for side in ("base", "head"))
    return f"**{verdict.value}: {verdict.needs}** {base} → {head}"


def _stamp(digest: Json) -> str:
    return f"`{stamp(digest)}`" if isinstance(digest, str) else "none"


def _all_sets(sets: list[Told], played: Told | None) -> Iterator[str]:
    """What the sets do, the worst first; those of which the same is to be said, together."""
    together: dict[tuple[str, ...], list[Told]] = {}
    for each in sorted(sets, key=_badness, reverse=True):
        lines = (*_reasons(each), *_effects(each, _of_set(played, each)))
        together.setdefault((str(each["verdict"]), *lines), []).append(each)
    for said, those in together.items():
        names = ", ".join(code(each["set"]) for each in those)
        yield f"**{said[0]}** in {names}"
        yield from (f"- {line}" for line in said[1:])
        yield ""


def _badness(each: Told) -> int:
    return list(Verdict).index(Verdict(str(each["verdict"])))


def _reasons(each: Told) -> Iterator[str]:
    if each["why"]:
        yield str(each["why"])
    diff = each["diff"]
    if not isinstance(diff, dict):
        return
    removed = _texts(diff, "removed")
    if removed:
        yield f"**REMOVED: {', '.join(code(name) for name in removed)}**"
    if diff["read_only"] and any(e["question"] == "permission" for e in _list(diff, "edits")):
        yield "read only: no order leaves under it, whatever its limits allow"
    yield from _most([f"looser: {code(one['words'])}" for one in _list(diff, "witnesses")])
    yield from _most(_weaker(diff))
    yield from _most([f"not known: {code(words)}" for words in _texts(diff, "not_known")])
    yield f"permission {diff['permission']}, protection {diff['protection']}".replace("_", " ")


def _weaker(diff: Told) -> list[str]:
    edits = [
        one
        for one in _list(diff, "edits")
        if one["effect"] == "weaker"
        and one["question"] in ("protection", "permission")
        and (one["path"] or one["document"] not in _texts(diff, "removed"))
    ]
    leanings = [one for one in _list(diff, "leanings") if one["effect"] == "weaker"]
    looser = [f"looser: {code(e['words'])}" for e in edits if e["question"] == "permission"]
    weaker = [e for e in edits if e["question"] == "protection"]
    return [*looser, *(f"weaker: {code(one['words'])}" for one in (*weaker, *leanings))]


def _effects(each: Told, played: Told | None) -> Iterator[str]:
    """What it does to what is held, to what was decided, and to a simulation."""
    diff = each["diff"]
    acts = diff.get("activation") if isinstance(diff, dict) else None
    if isinstance(acts, list):
        yield f"on activation: {counted(len(acts), 'effect') if acts else 'nothing happens'}"
        words = [a["words"] for a in acts if isinstance(a, dict)]
        yield from _most(f"on activation: {code(each)}" for each in words)
    if played is None:
        return
    flips = played.get("flips")
    if isinstance(flips, dict):
        yield _flips(flips)
    simulation = played.get("simulation")
    if isinstance(simulation, dict):
        yield _simulation(simulation)


def _flips(flips: Told) -> str:
    turns = cast("dict[str, dict[str, Json]]", flips["flips"])
    told = [f"{turn['count']} {name} ({turn['notional']} USD)" for name, turn in turns.items()]
    head = f"of {flips['decisions']} recorded decisions"
    return f"{head} {'; '.join(told)}" if told else f"{head} none comes out otherwise"


def _simulation(simulation: Told) -> str:
    if "why" in simulation:
        return f"no simulation: {code(simulation['why'])}"
    difference = cast("Told", simulation["difference"])
    before, after = (cast("Told", simulation[side]) for side in ("before", "after"))
    span = f"{str(simulation['first'])[:10]} to {str(simulation['last'])[:10]}"
    if difference["same_orders"]:
        return f"simulated {span}: the same orders"
    counts = cast("Told", difference["counts"])
    changed = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return (
        f"simulated {span}: result {before['result']} → {after['result']}, drawdown "
        f"{before['drawdown_pct']} % → {after['drawdown_pct']} %, orders {changed}"
    )


def _checks(judged: Told, played: Told | None) -> Iterator[str]:
    """Tests, coverage and findings, in a line each."""
    errors, total = judged["errors"], judged["findings"]
    if total:
        yield f"Findings: {total}, {errors} of them errors; they stand beside the lines."
    if played is None:
        yield "Tests and simulation did not run."
    sets = _list(played or {}, "sets")
    with_tests = [each for each in sets if _has_tests(each)]
    yield from map(_tested, with_tests)
    without = [code(each["set"]) for each in sets if each not in with_tests]
    if without:
        yield f"No tests of their own: {', '.join(without)}."
    yield ""


def _has_tests(each: Told) -> bool:
    tests = cast("Told", each["tests"])
    return bool(tests["cases"] or tests["findings"])


def _tested(each: Told) -> str:
    tests = cast("Told", each["tests"])
    coverage = cast("dict[str, dict[str, Json]]", tests["coverage"])
    share = f"rules covered {coverage['rules']['pct']} %"
    failed = _texts(tests, "failed") + _texts(tests, "findings")
    passed = f"{counted(cast('int', tests['cases']), 'test')} passed"
    result = passed if tests["passed"] else f"**tests fail: {', '.join(map(code, failed[:5]))}**"
    return f"Tests of {code(each['set'])}: {result}, {share}."


def _details(each: Told, played: Told | None, most: int) -> Iterator[str]:
    """Edits, orders and both hashes in full, folded."""
    diff = each["diff"]
    edits = _list(diff, "edits") if isinstance(diff, dict) else []
    yield from _folded(
        f"{code(each['set'])}: {counted(len(edits), 'edit')}, hashes in full",
        [
            *(code(each[side] or "none") for side in ("base", "head")),
            *(_edit(one) for one in edits),
        ],
        most,
    )
    simulation = (played or {}).get("simulation")
    orders = _list(simulation, "orders") if isinstance(simulation, dict) else []
    if orders:
        lines = [
            f"{one['time']} {code(one['symbol'])} {one['intent']}: {one['before']} → {one['after']}"
            for one in orders
        ]
        yield from _folded(f"{code(each['set'])}: orders of the simulation", lines, most)


def _edit(edit: Told) -> str:
    told = edit["question"] in ("permission", "protection") and edit["effect"] != "same"
    shown = edit["effect"] if told else ""
    return f"{code(edit['words'])} {edit['question']}{f', {shown}' if shown else ''}"


def _folded(head: str, lines: list[str], most: int) -> Iterator[str]:
    yield f"<details><summary>{_html(head)}</summary>\n"
    yield from (f"- {line}" for line in lines[:most])
    if len(lines) > most:
        yield f"- and {len(lines) - most} more: `policy diff` shows all of them"
    yield "\n</details>"


def _html(text: str) -> str:
    """Code spans of a summary, where Markdown is not read."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("`([^`]*)`", r"<code>\1</code>", escaped)


def _most(lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    yield from found[:_MOST_SAID]
    if len(found) > _MOST_SAID:
        yield f"and {len(found) - _MOST_SAID} more like these"


def _of_set(played: Told | None, each: Told) -> Told | None:
    sets = _list(played or {}, "sets")
    return next((one for one in sets if one["set"] == each["set"]), None)


def _list(told: Told, name: str) -> list[Told]:
    value = told.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(told: Told, name: str) -> list[str]:
    value = told.get(name)
    return [str(each) for each in value] if isinstance(value, list) else []
