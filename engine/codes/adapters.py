"""The catalogue, M5xx."""

from __future__ import annotations

from engine.codes.code import Code

ADAPTER_CODES: tuple[Code, ...] = (
    Code(
        "M500",
        "recording cannot be read",
        "A simulation over fewer files than were named would be another simulation, so a file "
        "that is absent or closed to us refuses the whole recording.",
        "policy simulate --quotes no_such_file.parquet",
    ),
    Code(
        "M501",
        "not a format of recordings",
        "Recordings are Parquet or CSV, told by the file's suffix. Guessing at anything else "
        "would turn noise into prices.",
        "policy simulate --quotes quotes.xlsx",
    ),
    Code(
        "M502",
        "recording is damaged",
        "A truncated or altered file may hold any part of the market's day. What is missing "
        "cannot be told from what is there, so none of it is replayed.",
        "a Parquet file copied while it was being written",
    ),
    Code(
        "M503",
        "recording is empty",
        "A simulation without rows decides nothing and therefore passes every check. An empty "
        "file is refused so that nobody takes its silence for success.",
        "ts,symbol,bid,ask",
    ),
    Code(
        "M504",
        "recording lacks columns",
        "Quotes, bars, trades and books are told apart by their columns. The message names the "
        "kind that the file comes nearest to and what it lacks.",
        "ts,symbol,bid",
    ),
    Code(
        "M505",
        "recording's columns are ambiguous",
        "One file holds one kind, and each column once. A file that fits two kinds could be "
        "replayed in two ways that decide differently.",
        "ts,symbol,bid,ask,open,high,low,close,volume",
    ),
    Code(
        "M506",
        "recording holds a value of another type",
        "Text where a price must stand is a mistake in how the file was made, not a fact about "
        "the market. (An empty field is a fact: that side of the book was absent.)",
        "1767225600000000000,BTC-USD,94 000,94001",
    ),
    Code(
        "M507",
        "recording's times are not nanoseconds",
        "`ts` counts nanoseconds since 1970 in UTC. Milliseconds read as nanoseconds would put a "
        "whole year into half a minute, and every age and window would be wrong without a sign.",
        "1767225600000,BTC-USD,94000,94001",
    ),
    Code(
        "M508",
        "nothing in the recording can be used",
        "Every row was dropped: unknown symbols, absent numbers, impossible prices. The help "
        "counts the reasons.",
        "1767225600000000000,?,94000,94001",
    ),
    Code(
        "M509",
        "bars do not tell their length",
        "A bar is known when it is complete, and its length is read from the spacing of its "
        "neighbours. A lone bar has none; guessing would let a simulation see the future.",
        "a file with one bar",
    ),
    Code(
        "M510",
        "the extra `simulate` is not installed",
        "Parquet is read and written, and rules are evaluated over whole frames, through polars, "
        "which weighs 180 MB and which the live trader does not need. CSV recordings and the "
        "other backends work without it.",
        "policy simulate --quotes quotes.parquet",
    ),
    Code(
        "M511",
        "recording is beyond its limits",
        "Everything has a limit: 1,024 files, 4 GiB each. Beyond them a machine runs out of "
        "memory in the middle of an answer.",
        "policy simulate --quotes one_file_of_10_GiB.parquet",
    ),
    Code(
        "M512",
        "recording is named not at all, or twice",
        "A file given twice is a slip of the hand: its second copy would be dropped row by row.",
        "policy simulate --quotes a.csv --quotes a.csv",
    ),
    Code(
        "M513",
        "recording cannot be written",
        "The file is written beside its place and moved there whole, so a failure leaves the old "
        "file as it was.",
        "trader record --synthetic --out /proc/demo.csv",
    ),
    Code(
        "M514",
        "spread model makes no sense",
        "Quotes derived from bars are as good as the spread that they were derived with. It is "
        "stated by a person, above zero, and within what a market could show.",
        "trader run --spread-bps 0",
    ),
    Code(
        "M515",
        "recording holds no quotes",
        "Nothing can be bought or sold at a bar: it tells what was traded, not what was offered. "
        "A run without quotes would decide nothing and look like a quiet one.",
        "trader run --quotes bars_only.parquet",
    ),
    Code(
        "M516",
        "nothing to derive quotes from",
        "A spread model makes quotes for products that have bars and no quotes of their own. "
        "Where a recording holds quotes, they are used as they are and never mixed with others.",
        "trader run --quotes quotes.parquet --spread-bps 10",
    ),
    Code(
        "M520",
        "synthetic market cannot be generated",
        "The scripted market has a shortest and a longest length and a cadence within a minute. "
        "Outside them its incidents would not happen, or happen off the grid of its quotes.",
        "trader record --synthetic --hours 2",
    ),
    Code(
        "M540",
        "paper cash is not an amount",
        "A paper account begins with what its Deployment states. An amount below zero, or one "
        "that is not a number, would make every balance after it a fiction.",
        "paper: {cash: {USD: -100}}",
    ),
    Code(
        "M541",
        "paper fee is out of range",
        "Fees are basis points of the notional, from 0 to below 10000. A fee above the notional "
        "is a mistake of unit, and a negative one would pay for trading.",
        "PaperFees(maker_bps=Decimal(40), taker_bps=Decimal(60000))",
    ),
    Code(
        "M542",
        "paper product has no grid",
        "Prices and sizes of orders are multiples of the product's increments. Without an "
        "increment above zero there is no such thing as a valid order.",
        "Product(symbol, base_increment=Decimal(0), ...)",
    ),
    Code(
        "M543",
        "restored order or fill is not of this paper venue",
        "A paper venue goes on from the ledger of its own stream. An id of another stream, or a "
        "fill without its order, means that the wrong ledger was given.",
        "a fill `paper-fill-7` of order `paper-order-4`, and no such order in the ledger",
    ),
    Code(
        "M544",
        "restored order is not the sum of its fills",
        "Money moves by fills. An order that reports more filled than its fills sum to, or fills "
        "beyond its quantity, would bring balances back wrong.",
        "an order with 0.5 filled, and fills of 0.2 and 0.2",
    ),
    Code(
        "M545",
        "restored record spends more than there was",
        "Balances never go below zero, so a record that takes them there belongs to other cash, "
        "or to other fees.",
        "cash of 100 USD, and fills that paid 250 USD",
    ),
    Code(
        "M546",
        "secret too short to hide",
        "A secret is hidden wherever it appears in output. One of a few characters appears in "
        "ordinary words too, so hiding it would garble every line and protect nothing.",
        "COINBASE_API_SECRET=abc",
    ),
)
