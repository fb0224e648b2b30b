"""At rest: what the ledger says, record by record, against what the venue truly did.

In: a world in which nothing moves any more. Out: nothing, or `Broken`. The ledger is read from the
disk as any auditor would.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson
from histories.documents import Version, ready
from histories.invariants import Broken
from histories.secret import SECRET

from engine.cycle.judging.situation import situation_of
from engine.cycle.records.order_bodies import verdict_body, wish_of
from engine.cycle.records.recovery import recover
from engine.ledger import bodies
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from histories.world import World

    from engine.ledger.bodies import Json
    from engine.ledger.records import Record
    from engine.ledger.state import State

_ZERO = Decimal(0)


def at_rest(world: World) -> None:
    """Everything that can only be said at the end."""
    world.dead = False
    records = list(Journal.open(world.disk).records())
    state = recover(records).state
    _same_orders(world, state)
    _same_fills(world, records)
    _same_balances(world, state)
    _bought_once(records)
    _commanded_once(world, records)
    _judged_again(records)
    _no_secret(world)


def _holds(name: str, truth: bool, words: str) -> None:  # noqa: FBT001 - the truth itself
    if not truth:
        raise Broken(name, words)


def _same_orders(world: World, state: State) -> None:
    ours = set(state.intents)
    theirs = set(world.book.by_client)
    _holds("I3", theirs <= ours, f"not in the ledger: {sorted(theirs - ours)}")
    _holds("I3", not state.working, f"still working in the ledger: {sorted(state.working)}")
    _holds("I3", not world.book.working, f"still open at the venue: {sorted(world.book.working)}")


def _same_fills(world: World, records: Sequence[Record]) -> None:
    told = [orjson.loads(each.body) for each in records if each.kind is RecordKind.FILLED]
    names = ("client_order_id", "symbol", "side", "quantity", "price", "fee", "maker")
    ours = {each["fill_id"]: tuple(_plain(each[name]) for name in names) for each in told}
    theirs = {
        each.fill_id: (
            each.order.client_id,
            str(each.order.symbol),
            each.order.side,
            each.size,
            each.price,
            each.fee,
            each.maker,
        )
        for each in world.book.fills
    }
    theirs = {key: tuple(_plain(part) for part in parts) for key, parts in theirs.items()}
    _holds("I3", len(ours) == len(told), "a fill is recorded twice")
    missing = {key: theirs[key] for key in theirs if ours.get(key) != theirs[key]}
    _holds("I3", not missing, f"fills that the ledger does not have: {missing}")
    _holds("I3", len(ours) == len(theirs), f"fills of nobody: {sorted(set(ours) - set(theirs))}")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    text = str(value)
    try:
        return f"{Decimal(text).normalize():f}"
    except ArithmeticError:
        return text


def _same_balances(world: World, state: State) -> None:
    theirs = world.book.held
    names = sorted({*theirs, *state.cash})
    different = [n for n in names if theirs.get(n, _ZERO) != state.cash.get(n, _ZERO)]
    words = [f"{n}: venue {theirs.get(n)}, ledger {state.cash.get(n)}" for n in different]
    _holds("I3", not different, "; ".join(words))

    for symbol in world.market.touches:
        held = state.positions.get(symbol)
        ours, coins = held.quantity if held else _ZERO, theirs.get(symbol.base, _ZERO)
        _holds("I3", ours == coins, f"{symbol}: position {ours}, venue {coins}")


def _bought_once(records: Sequence[Record]) -> None:
    """All rungs of one wish to buy together are filled no more than the first one asked for."""
    wanted: dict[int, Decimal] = {}
    root: dict[int, int] = {}
    for record in records:
        body = orjson.loads(record.body)
        if record.kind is RecordKind.INTENT and body["why"] in {"entry", "add"}:
            number, parent = body["intent"], body["parent"]
            root[number] = root.get(parent, number)
            wanted.setdefault(root[number], Decimal(body["quantity"]))
        elif record.kind is RecordKind.FILLED and body["intent"] in root:
            wanted[root[body["intent"]]] -= Decimal(body["quantity"])
    over = {number: -left for number, left in wanted.items() if left < 0}
    _holds("I1", not over, f"bought more than was wanted: {over}")


def _commanded_once(world: World, records: Sequence[Record]) -> None:
    """What a person ordered was carried out once, whatever died over it, or still lies there."""
    commands = [orjson.loads(e.body) for e in records if e.kind is RecordKind.OPERATOR_COMMAND]
    told = Counter(body["id"].rpartition("-")[0] for body in commands)
    for file in world.dropped:
        count = told[file.removeprefix("commands/").removesuffix(".json")]
        _holds("I2", count <= 1, f"{file} is carried out {count} times")
        _holds("I2", count == 1 or file in world.disk.listed("commands/"), f"{file} is lost")


def _judged_again(records: Sequence[Record]) -> None:
    judges = {each.policy_set.hash: each.judge for v in Version if (each := ready(v)) is not None}
    for record in records:
        if record.kind is RecordKind.DECISION:
            _judge_again(bodies.of_record(record), judges)


def _judge_again(body: Mapping[str, Json], judges: Mapping[str, object]) -> None:
    judge = judges[bodies.text(body, "policy_set")]
    number = body.get("intent")
    wish = wish_of(bodies.mapping(body, "wish"), number if isinstance(number, int) else 0)
    judged = verdict_body(judge.judge(wish, situation_of(bodies.mapping(body, "situation"))))  # type: ignore[attr-defined]  # a Judge
    same = encode_body({name: body[name] for name in judged}) == encode_body(judged)
    _holds("I7", same, f"decision {wish.symbol} in cycle {body['cycle']} is judged otherwise")


def _no_secret(world: World) -> None:
    said = world.disk.journal() + "\n".join(world.story).encode()
    secrets = [SECRET, *(token.removeprefix("Bearer ") for token in world.watch.tokens)]
    _holds("I12", not any(each.encode() in said for each in secrets), "a secret is told")
