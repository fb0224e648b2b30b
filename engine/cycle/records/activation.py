"""Activation: a policy set enters the ledger whole, and can be built again from there.

In: a sealed set, or a record of one. Out: the record's body; the set, if its hash is still what
the record says. So every decision can be judged again by what was active, from the ledger alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.policyset.composing import compose
from engine.policyset.sealing import document_from_canonical, sources_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.kinds.base import Document
    from engine.ledger.bodies import Body, Json
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet


def activation_body(policy_set: PolicySet) -> Body:
    """The whole set as a record holds it."""
    sources = sources_of(policy_set.sealed)
    body: Body = {
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
    if sources:
        body["sources"] = {name: text.decode("utf-8") for name, text in sources.items()}
    return body


def activates(record: Record, policy_set: str) -> bool:
    """Whether a record of an activation is of the set with this hash."""
    return bodies.of_record(record)["policy_set"] == policy_set


def activated_set(body: Mapping[str, Json]) -> PolicySet:
    """The set that a record activated.

    Raises MandateError (M440) when its documents no longer make a set of that hash: this release
    gives them another meaning, or the record was changed.
    """
    told = bodies.text(body, "policy_set")
    documents = body["documents"]
    if not isinstance(documents, list):
        raise TypeError(documents)
    sources = bodies.mapping(body, "sources") if "sources" in body else {}
    composed = compose(
        [_document(each, sources) for each in documents if isinstance(each, dict)],
        bodies.text(body, "name"),
    )
    if composed.policy_set is None or composed.policy_set.hash != told:
        now = composed.policy_set.hash if composed.policy_set else "no set at all"
        message = f"the documents of policy set {told} make {now} under this release"
        mend = "judge with the release that activated it, or verify the ledger"
        raise MandateError([Diagnostic("M440", message, None, mend), *composed.diagnostics])
    return composed.policy_set


def _document(entry: Mapping[str, Json], sources: Mapping[str, Json]) -> Document:
    """One document as it was sealed, with its source where the record holds one."""
    name = bodies.text(entry, "id").partition("/")[2]
    source = bodies.text(sources, name) if name in sources else None
    return document_from_canonical(bodies.text(entry, "canonical").encode("utf-8"), source)
