"""The catalogue, M830-M839: sweeps over variants and recordings."""

from __future__ import annotations

from engine.codes.code import Code

SWEEP_CODES: tuple[Code, ...] = (
    Code(
        "M830",
        "no axis of a sweep",
        "An axis names a document, a path inside its spec, and the values that it takes, each "
        "once. A slip here would sweep something else for an hour.",
        "policy sweep --grid max_position=2,3",
    ),
    Code(
        "M831",
        "too many combinations",
        "Axes multiply. Beyond 10,000 combinations nobody reads the table, and the machine is "
        "busy for days.",
        "policy sweep with five axes of ten values each",
    ),
    Code(
        "M832",
        "a worker sees other files",
        "Units are named by the hashes of policies and recordings. A worker that finds others "
        "there must not answer for them.",
        "a policy that was edited while its sweep ran",
    ),
    Code(
        "M833",
        "a value that cannot be set",
        "The document or the path of an axis is not in the set, so every variant would be the "
        "same.",
        "policy sweep --grid RiskLimit/max_ordr:params.max_order_usd=500,1000",
    ),
    Code(
        "M834",
        "no cluster answers",
        "A sweep runs on a cluster that exists; it starts none and waits for none.",
        "policy sweep --cluster tcp://127.0.0.1:8786",
    ),
    Code(
        "M835",
        "the extra `cluster` is not installed",
        "Dask weighs 70 MB, and a sweep on the processes of one machine does not need it.",
        "policy sweep --cluster tcp://127.0.0.1:8786",
    ),
    Code(
        "M836",
        "nothing to draw, or nothing to draw with",
        "A plot shows figures against numbers, so the first axis has to have numbers; and it is "
        "drawn by an extra of 40 MB, which a sweep does not need.",
        "policy sweep --grid Strategy/momentum:enabled=true,false --plot sweep.svg",
    ),
)
