"""Activation: a policy set enters the ledger whole, and can be built again from there.

In: a sealed set, or a record of one. Out: the record's body; the set, if its hash is still what
the record says. So every decision can be judged again by what was active, from the ledger alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.policyset.composing import compose
from engine.policyset.sealing import document_from_canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Body, Json
    from engine.policyset.policyset import PolicySet


def activation_body(policy_set: PolicySet) -> Body:
    """The whole set as a record holds it."""
    return {
        "policy_set": policy_set.hash,
        "name": policy_set.name,
        "documents": [
            {
                "id": each.document.id,
                "hash": each.hash,
                "canonical": each.canonical.decode("utf-8"),
            }
            for each in policy_set.sealed
        ],
    }


def activated_set(body: Mapping[str, Json]) -> PolicySet:
    """The set that a record activated.

    Raises MandateError (M440) when its documents no longer make a set of that hash: this release
    gives them another meaning, or the record was changed.
    """
    told = bodies.text(body, "policy_set")
    documents = body["documents"]
    if not isinstance(documents, list):
        raise TypeError(documents)
    texts = [bodies.text(each, "canonical") for each in documents if isinstance(each, dict)]
    composed = compose(
        [document_from_canonical(text.encode("utf-8")) for text in texts],
        bodies.text(body, "name"),
    )
    if composed.policy_set is None or composed.policy_set.hash != told:
        now = composed.policy_set.hash if composed.policy_set else "no set at all"
        message = f"the documents of policy set {told} make {now} under this release"
        mend = "judge with the release that activated it, or verify the ledger"
        raise MandateError([Diagnostic("M440", message, None, mend), *composed.diagnostics])
    return composed.policy_set
