"""What a cycle's text says of each thing that can happen, and what the tally makes of it."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.trader_verbs.running.chronicle import Line, Look, cycle_lines
from cli.trader_verbs.running.paper import PlainPaper, TerminalPaper, paper_for
from cli.trader_verbs.running.tally import Tally, cause
from cli.trader_verbs.running.told import ToldCycle
from engine.cycle.desk import Round, Told
from engine.cycle.records.telling import reason_of
from engine.ledger.records import RecordKind
from engine.model.decisions import Decision, Reason, Verdict
from engine.model.orders import Intent, OrderForm, OrderIntent
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.policyset.policyset import PolicySet  # noqa: TC001 - of a fixture

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from engine.ledger.bodies import Body

NOON = UtcTime.parse("2026-01-05T12:00:00Z")
ORDER = "84d4e077-54bb-802c-8be9-fa13c3bef15e"
BREACH = "LIMIT_BREACHED rule=RiskLimit/max_exposure value={} op=<= limit=9"


@pytest.fixture(scope="module")
def policy_set() -> PolicySet:
    """The tiny set."""
    return load_policy_set(Path(__file__).parent / "policies").required()


def _told(
    outcome: str,
    verdict: Verdict = Verdict.ALLOW,
    reasons: tuple[Reason, ...] = (),
    limit: Decimal | None = Decimal("95835.63"),
) -> Told:
    intent = OrderIntent(
        number=3,
        symbol=Symbol("BTC", "USD"),
        intent=Intent.ENTRY,
        form=OrderForm.LIMIT_IOC,
        quantity=Decimal("0.0052"),
        limit_price=limit,
        reference_price=Decimal(95_000),
        worst_price=Decimal(96_000),
        strategy="momentum",
        reason="rising:true",
    )
    resized = ("RiskLimit/max_position",) if verdict is Verdict.RESIZE else ()
    quantity = Decimal("0.0041") if verdict is Verdict.RESIZE else intent.quantity
    decision = Decision(verdict, intent.quantity, quantity, reasons, resized, ())
    return Told(None if outcome == "denied" else ORDER, intent, decision, outcome)


def _denied(value: str) -> Told:
    return _told("denied", Verdict.DENY, (reason_of(BREACH.format(value)),))


def _cycle(
    *orders: Told, records: tuple[tuple[RecordKind, Body], ...] = (), equity: str = "10002.31"
) -> ToldCycle:
    this = Round(110, NOON, orders=list(orders), tripped=["daily_stop"], fired=["losing"])
    this.notes.append("step alerts failed: KeyError in cycle/steps/alerts.py:12")
    decided: list[tuple[RecordKind, Body]] = [(RecordKind.DECISION, {}) for _ in orders]
    return ToldCycle(this, "ACTIVE", "bull", Decimal(equity), 0.0123, 2, (*decided, *records))


_RECORDS: tuple[tuple[RecordKind, Body], ...] = (
    (
        RecordKind.FILLED,
        {
            "client_order_id": ORDER,
            "symbol": "BTC-USD",
            "side": "BUY",
            "quantity": "0.0041",
            "price": "95649.33",
            "fee": "2.35297352",
            "maker": False,
        },
    ),
    (
        RecordKind.CANCELLED,
        {"client_order_id": ORDER, "symbol": "BTC-USD", "reason": "expired"},
    ),
    (
        RecordKind.BREAKER_TRIPPED,
        {
            "breaker": "daily_stop",
            "key": "",
            "text": "portfolio.pnl_day_pct\n  <= -params.loss_pct",
            "while_tripped": "reducing",
            "rearm_not_before": "2026-01-05T13:00:00Z",
        },
    ),
    (
        RecordKind.BREAKER_TRIPPED,
        {
            "breaker": "stale",
            "key": "BTC-USD",
            "text": "quote.age_s > 60",
            "while_tripped": "halted",
            "resets_at": "2026-01-05T12:01:00Z",
        },
    ),
    (
        RecordKind.BREAKER_RESET,
        {"breaker": "stale", "key": "BTC-USD", "why": "its time is over", "who": "engine"},
    ),
    (
        RecordKind.ALERT,
        {"rule": "losing", "key": "", "phase": "firing", "severity": "warning", "text": "-1 < 0"},
    ),
    (
        RecordKind.ALERT,
        {"rule": "old", "key": "", "phase": "firing", "severity": "warning", "text": "goes on"},
    ),
    (
        RecordKind.ALERT,
        {"rule": "old", "key": "", "phase": "resolved", "severity": "warning", "text": "over"},
    ),
    (RecordKind.HALT, {"who": "ann", "reason": "looks wrong"}),
    (RecordKind.RESUME, {"who": "ann", "reason": "was fine"}),
    (
        RecordKind.OPERATOR_COMMAND,
        {"command": "rearm", "target": "stale", "who": "ann", "why": "ok", "outcome": "re-armed"},
    ),
    (
        RecordKind.SET_ACTIVATED,
        {
            "name": "tiny",
            "policy_set": "84d4e07754bb" + "0" * 52,
            "ordered": {"who": "ann", "why": "reviewed", "named": None},
            "comparison": {"permission": "NOT_LOOSER", "protection": "SAME", "why": ""},
        },
    ),
    (
        RecordKind.RELOAD,
        {
            "outcome": "refused",
            "policy_set": None,
            "findings": ["rules.yaml:9:12: M203: unknown fact `quote.spred_bps`", "M780: no"],
        },
    ),
    (RecordKind.RELOAD, {"outcome": "unchanged", "policy_set": "84d4e07754bb" + "0" * 52}),
)


def test_everything_that_can_happen(policy_set: PolicySet, snapshot: SnapshotAssertion) -> None:
    """Each thing that the ledger records of a cycle has its line, in the ledger's order."""
    denied = _denied("12.99")
    told = _cycle(
        _told("sent", Verdict.RESIZE),
        _told("rejected: no funds", limit=None),
        _told("would send"),
        denied,
        records=_RECORDS,
    )
    lines = cycle_lines(told, [denied], policy_set)
    text = "\n".join(f"{each.look.name:<6} {each.text}" for each in lines)
    # The stamp follows the engine's vocabulary; the sentence around it is what is looked at.
    assert re.sub(r"set [0-9a-f]{12}", "set DIGITS", text) == snapshot


def test_a_quiet_cycle_is_one_line(policy_set: PolicySet) -> None:
    """Where nothing happened there is one line, and no more than that."""
    this = Round(110, NOON)
    quiet = ToldCycle(this, "ACTIVE", "bull", None, 0.0, 0, ())
    (line,) = cycle_lines(quiet, [], policy_set)
    assert line.look is Look.QUIET
    assert line.text.endswith("ACTIVE    bull          unknown USD  day  +0.00 %   0 open")


def test_a_denial_is_news_once() -> None:
    """The same refusal of the same order is no news, whatever its numbers; another cause is."""
    tally = Tally()
    first, again = _denied("12.99"), _denied("13.07")
    other = _told("denied", Verdict.DENY, (reason_of("HALTED by=operator why=lunch"),))
    assert tally.add(_cycle(first)) == [first]
    assert tally.add(_cycle(again)) == []
    assert tally.add(_cycle(other, again)) == [other]
    assert tally.denied == 4
    assert tally.causes == {("LIMIT_BREACHED", "max_exposure"): 3, ("HALTED", "operator"): 1}
    assert tally.most_denied == "BTC-USD"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("BREAKER_TRIPPED breaker=daily_stop since=x rule=a <= b", "daily_stop"),
        ("NOTHING_LEFT limits=RiskLimit/a,RiskLimit/b", "a, b"),
        ("GUARD_BREACHED rule=ExecutionPolicy/x#spread", "spread"),
        ("MAINTENANCE window=weekend", "weekend"),
        ("NO_EQUITY", ""),
    ],
)
def test_causes(text: str, subject: str) -> None:
    """A denial is counted under the rule, the breaker or the window that refuses."""
    assert cause(reason_of(text)) == (text.partition(" ")[0], subject)


def test_outcomes_are_counted() -> None:
    """Rejected and unknown orders were sent; one stopped at the wire was not."""
    tally = Tally()
    outcomes = ("sent", "rejected: x", "unknown: y", "not sent: z", "would send")
    tally.add(_cycle(*(_told(each) for each in outcomes), records=_RECORDS))
    assert (tally.sent, tally.rejected, tally.unknown) == (3, 1, 1)
    assert (tally.not_sent, tally.would_send) == (1, 1)
    assert (tally.fills, tally.fees, tally.filled_orders) == (1, Decimal("2.35297352"), {ORDER})
    assert tally.last_order == ORDER


def test_drawdown_is_from_the_peak() -> None:
    """The worst fall is measured from the highest equity before it, not from the first."""
    tally = Tally()
    for equity in ("10000", "12000", "9000", "11000"):
        tally.add(_cycle(equity=equity))
    assert tally.worst_drawdown_pct == 25


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_paper_of_a_pipe() -> None:
    """A pipe gets each line at once, without colours and without a bar."""
    stream = io.StringIO()
    paper = paper_for(stream, 2)
    assert isinstance(paper, PlainPaper)
    paper.write([Line("one", Look.ALARM), Line("two")])
    paper.advance()
    assert stream.getvalue() == "one\ntwo\n"
    paper.close()
    assert stream.getvalue() == "one\ntwo\n"


def test_paper_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal is drawn now and then: with a bar, in colour, and with every line in the end."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = _Terminal()
    paper = paper_for(stream, 3)
    assert isinstance(paper, TerminalPaper)
    paper.write([Line("[brackets] are no markup", Look.ALARM)])
    assert "brackets" not in stream.getvalue()
    paper._drawn = 0.0
    paper.advance()
    paper.write([Line("two")])
    shown = stream.getvalue()
    assert "[brackets] are no markup" in shown
    assert "\x1b[1;31m" in shown
    assert "1/3" in shown
    paper.write([Line("three")])
    paper.close()
    assert "three" in stream.getvalue()
