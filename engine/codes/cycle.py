"""The catalogue, M4xx."""

from __future__ import annotations

from engine.codes.code import Code
from engine.codes.shared import SHARED_CODES

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
    Code(
        "M451",
        "no ledger there",
        "The directory holds no journal. An empty answer could be taken for a trader that did "
        "nothing, so the question is refused.",
        "trader status --ledger runs/of_another_machine",
    ),
    Code(
        "M452",
        "no such order",
        "No record of this ledger carries that id or that intent. An order of another ledger, or "
        "one that was denied and therefore never had an id, is not in it.",
        "trader audit show 84d4e077",
    ),
    Code(
        "M453",
        "order is not the only one",
        "Order ids begin with the digits of their policy set, so a short beginning fits all of "
        "a set's orders. One story is told at a time.",
        "trader audit show 84d4e077-54bb",
    ),
    Code(
        "M454",
        "no such cycle",
        "The ledger holds the cycles that were run, counted from 1.",
        "trader why BTC-USD --cycle 900000",
    ),
    Code(
        "M455",
        "product is not known to the cycle",
        "A product without a quote is in no cycle: nothing was asked about it, so there is no "
        "reason to tell. The message lists products that the cycle saw.",
        "trader why XRP-USD",
    ),
    Code(
        "M456",
        "nothing to re-arm",
        "Only a breaker that is tripped, and whose document leaves its reset to a person, or a "
        "strategy that has executed since it was armed, is re-armed. A command for anything else "
        "would look as if it had done something.",
        "trader rearm daily_stop",
    ),
    Code(
        "M457",
        "nothing to record",
        "One market is recorded at a time: a venue's, for the products that are named, or a "
        "synthetic one, which says in its first line that it is one.",
        "trader record --out demo",
    ),
)

_RUN = (
    Code(
        "M440",
        "an activated set cannot be built again",
        "A decision is judged again by the set that was active, built from the documents in the "
        "ledger. When they no longer make a set of the recorded hash, this release gives them "
        "another meaning or the record was changed; either way it cannot stand for the original.",
        "trader audit rejudge, with a release whose vocabulary gives a fact another meaning",
    ),
    Code(
        "M441",
        "the mode is above the Deployment's",
        "How real trading is, is a reviewed document's to say. The command line may lower it "
        "from live to paper to dry run, never raise it.",
        "trader run --policies policies --mode live",
    ),
    Code(
        "M442",
        "a recording is no live venue",
        "Live orders meet a market that is there. A live run over yesterday's prices, or one that "
        "traded on paper without saying so, would be worse than none.",
        "trader run --policies policies/live --mode live --quotes demo/synthetic_quotes.csv",
    ),
    Code(
        "M443",
        "no market to run on",
        "The venue lists nothing that the policy set could trade, so a run would decide nothing "
        "and look as if the market were quiet.",
        "a universe of `quote_currencies: [GBP]` at a venue that lists products in USD",
    ),
    Code(
        "M444",
        "the loop halted",
        "Something failed in the exit path, or where no step could contain it. The reason is in "
        "the ledger; going on as if nothing had happened is how exits are lost.",
        "a fault of ours inside the loop",
    ),
    Code(
        "M445",
        "the paper venue lends nothing",
        "Dry run and paper trade an account that the Deployment describes. Invented money would "
        "make every limit in percent of equity mean something else.",
        "trader run with a Deployment without `paper: {cash, products}`",
    ),
    Code(
        "M446",
        "the ledger belongs to another stream",
        "State is kept for each mode and account. Going on with another stream's ledger would "
        "mix its high-water mark, its pace and its positions with ours.",
        "trader run --mode dry_run --ledger runs/paper-1",
    ),
    Code(
        "M447",
        "the Deployment does not enable live trading",
        "Live trading is an explicit opt-in of a reviewed document: `live_enabled: true` and "
        "`read_only: false`. Every refusal is told at once.",
        "trader run --policies policies/live --mode live",
    ),
    Code(
        "M449",
        "the recording's bars are too coarse",
        "A series over minutes cannot be made of hourly bars; a guess in between would be a "
        "market that nobody saw.",
        'change_pct("5m") over a recording of hourly bars',
    ),
)

CYCLE_CODES: tuple[Code, ...] = (*_LEDGER, *_RUN, *_OPERATION, *SHARED_CODES)
