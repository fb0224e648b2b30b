"""The catalogue, M4xx."""

from __future__ import annotations

from engine.codes.code import Code

_LEDGER: tuple[Code, ...] = (
    Code(
        "M400",
        "torn last line",
        "A crash interrupted a write that was never confirmed. No order rests on it, since "
        "orders wait for the confirmation; the bytes are kept beside the journal and cut.",
        "a journal whose last line has no line break",
    ),
    Code(
        "M401",
        "unreadable record",
        "A line of the journal has not the layout of a record, so nothing after it can be trusted.",
        "a line `hello` in journal/000001.jsonl",
    ),
    Code(
        "M402",
        "record not in canonical form",
        "The ledger spells each value in one way only; another spelling with a fitting hash "
        "was not written by it.",
        'a body {"price": 1.50} whose hash was made to fit',
    ),
    Code(
        "M403",
        "record changed",
        "The record's bytes do not give the hash that stands beside them: something was "
        "edited after it was written.",
        '"quantity":"1" changed to "quantity":"9" in a stored line',
    ),
    Code(
        "M404",
        "chain broken",
        "Each record names the hash of the one before it. Here the two do not fit, so one of "
        "them was replaced.",
        "a record exchanged for another one that carries a right hash of its own",
    ),
    Code(
        "M405",
        "record missing, repeated or moved",
        "Sequences count without a gap; another number stands where the next one belongs.",
        "records 7 and 8 in each other's place",
    ),
    Code(
        "M406",
        "time runs back",
        "The ledger never writes a record older than the one before it, even when the wall "
        "clock is set back.",
        "record 8 an hour before record 7",
    ),
    Code(
        "M407",
        "not one beginning",
        "A stream has one genesis and it comes first; anything else is a piece of another stream.",
        "the first segment of a paper ledger put after that of a live one",
    ),
    Code(
        "M408",
        "journal contradicts a checkpoint",
        "The hash that was written down outside the ledger is not the hash of that record "
        "now: the chain was rewritten or cut.",
        "a checkpoint of record 900 for a journal that ends at 850",
    ),
    Code(
        "M409",
        "checkpoints contradict each other",
        "Checkpoints of one ledger grow and never differ at the same record; otherwise their "
        "keeper cannot be trusted.",
        "two checkpoints of record 900 with different hashes",
    ),
    Code(
        "M410",
        "segment missing",
        "The journal's files are numbered without a gap; the records of a missing one cannot "
        "be made up.",
        "000001.jsonl and 000003.jsonl without 000002.jsonl",
    ),
    Code(
        "M411",
        "ledger unavailable",
        "The disk refused a read, a write or a sync. Without a durable ledger no order is "
        "sent; a failed sync is never tried again, since the system may have dropped the "
        "bytes.",
        "No space left on device",
    ),
    Code(
        "M412",
        "index rebuilt",
        "The index answers questions and decides nothing. It did not fit the journal, so it "
        "was made again from it.",
        "an index that holds more records than the journal",
    ),
    Code(
        "M413",
        "ledger in use",
        "Two writers of one ledger would each send orders that the other does not count.",
        "a second `trader run` over the same ledger",
    ),
    Code(
        "M414",
        "index unavailable",
        "The index is locked by another process for too long, or its disk refuses. It decides "
        "nothing, so trading goes on; only questions wait.",
        "`trader why BTC-USD` on a full disk",
    ),
)

_OPERATION: tuple[Code, ...] = (
    Code(
        "M450",
        "not a place for a ledger",
        "A ledger is a directory in this release. An address is refused and not taken for the "
        "name of a directory, which would make a ledger where nobody looks for it.",
        "trader run --ledger postgresql://desk/ledger",
    ),
)

CYCLE_CODES: tuple[Code, ...] = (*_LEDGER, *_OPERATION)
