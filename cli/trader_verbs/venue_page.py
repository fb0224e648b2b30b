"""What a person reads when the venue answers: where it is, and how to point clients at it.

In: a venue that is ready. Out: text. Nothing of a key but its file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from engine.venue.running import Ready

_NAMED = 5


def page(ready: Ready) -> str:
    """The whole page."""
    addresses, home = ready.addresses, ready.home
    rows = (
        ("REST", addresses.rest),
        ("websocket", f"{addresses.websocket}, or plain {addresses.plain_websocket}"),
        ("trust", str(home.certificate)),
        ("keys", f"{home.key_files['es256']}, {home.key_files['ed25519'].name}: view and trade"),
        ("", f"{home.key_files['view']}: view; {home.key_files['transfer'].name}: everything"),
        ("products", _products(ready)),
        ("account", _account(ready)),
        ("fees", _fees(ready)),
    )
    lines = [f"  {name:<10} {told}" for name, told in rows]
    return "\n".join(("a paper venue; no money here is real", *lines, "", *_clients(ready), ""))


def _products(ready: Ready) -> str:
    names = [str(each.symbol) for each in ready.venue.listings]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _account(ready: Ready) -> str:
    fate = ready.venue.fate
    held = [f"{canonical_number(each.units)} {each.currency}" for each in fate.balances()]
    remembered = f"{len(fate.orders())} orders and {len(fate.executions())} fills remembered"
    return f"{', '.join(held)}; {remembered}"


def _fees(ready: Ready) -> str:
    maker, taker = (ready.venue.settings.fees.rate_bps(maker=each) for each in (True, False))
    told = (
        f"{canonical_number(maker)} bps for who rests, {canonical_number(taker)} bps for who takes"
    )
    return f"{told} (`--maker-bps`, `--taker-bps`)"


def _clients(ready: Ready) -> tuple[str, ...]:
    host, rest, ca = ready.addresses.host, ready.addresses.rest, ready.home.certificate
    key = ready.home.key_files["es256"]
    return (
        "our own loop:",
        f"  trader run --policies DIR --mode paper --venue {rest} \\",
        f"    --venue-ca {ca} --secrets {ready.home.secrets}",
        "the official client:",
        f'  client = RESTClient(key_file="{key}", base_url="{host}", timeout=10)',
        f'  client.session.trust_env, client.session.verify = False, "{ca}"',
        "",
        "Ctrl-C ends it; its memory stays.",
    )
