"""How a set values what is held, as far as a result depends on it.

In: a Deployment, sealed or in force. Out: its `Terms`, which an activation keeps where a new set
changes them, and a valuation by them. What a change of terms makes of the account is no result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.valuation import Valuation
from engine.kinds.deployment.document import Rate
from engine.ledger import bodies
from engine.model.numbers import decimal_of
from engine.policyset.seal import plain_from_canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.cycle.market import MarketView
    from engine.kinds.base import Plain
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.bodies import Body, Json

BEFORE = "valued_before"
"""The name of the old terms in the record of an activation; the fold reads it there."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a Deployment says what things are worth."""

    numeraire: str
    rates: tuple[tuple[str, Decimal], ...]
    unpriced: str
    counts_others: bool

    def valuation(self, deployment: DeploymentSpec, market: MarketView) -> Valuation:
        """Prices of this moment by these terms."""
        changed = {
            "numeraire": self.numeraire,
            "rates": {name: Rate(value=rate, source="as sealed") for name, rate in self.rates},
            "unpriced": self.unpriced,
            "holdings_not_ours": "count" if self.counts_others else "ignore",
        }
        return Valuation(deployment.model_copy(update=changed), market)

    def body(self) -> Body:
        """As an activation keeps them."""
        return {
            "numeraire": self.numeraire,
            "rates": {name: bodies.written(rate) for name, rate in self.rates},
            "unpriced": self.unpriced,
            "counts_others": self.counts_others,
        }


def terms_of(deployment: DeploymentSpec) -> Terms:
    """The terms of a Deployment."""
    return Terms(
        deployment.numeraire,
        tuple(sorted((name, rate.value) for name, rate in deployment.rates.items())),
        deployment.unpriced,
        deployment.holdings_not_ours != "ignore",
    )


def terms_read(body: Mapping[str, Json]) -> Terms:
    """The terms that `Terms.body` wrote."""
    rates = bodies.mapping(body, "rates")
    return Terms(
        bodies.text(body, "numeraire"),
        tuple(sorted((name, decimal_of(str(rate))) for name, rate in rates.items())),
        bodies.text(body, "unpriced"),
        bodies.flag(body, "counts_others"),
    )


def valued_before(canonical: str | None, deployment: DeploymentSpec) -> Body:
    """What an activation keeps of the terms before it; {} where nothing is valued otherwise.

    `canonical` is the Deployment that was active, as whatever release sealed it.
    """
    before = None if canonical is None else _terms_sealed(canonical)
    return {} if before is None or before == terms_of(deployment) else {BEFORE: before.body()}


def _terms_sealed(canonical: str) -> Terms:
    """Only of the fields that count here: others may have had another form."""
    spec = _mapping(_mapping(plain_from_canonical(canonical.encode()))["spec"])
    rates = {name: _mapping(rate)["value"] for name, rate in _mapping(spec["rates"]).items()}
    return Terms(
        str(spec["numeraire"]),
        tuple(sorted((name, decimal_of(str(rate))) for name, rate in rates.items())),
        str(spec["unpriced"]),
        spec["holdings_not_ours"] != "ignore",
    )


def _mapping(plain: Plain) -> dict[str, Plain]:
    if not isinstance(plain, dict):
        raise TypeError(plain)
    return plain
