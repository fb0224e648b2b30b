"""The catalogue, M920-M939: the console, in a terminal and in a browser."""

from __future__ import annotations

from engine.codes.code import Code

CONSOLE_CODES: tuple[Code, ...] = (
    Code(
        "M920",
        "no ledger below",
        "All accounts of a place are asked at once. A place without any is a mistake in its name: "
        "an empty list would read as if all were well.",
        "trader status --all --ledger runs/nothing",
    ),
    Code(
        "M921",
        "a dashboard for others",
        "The page shows positions and has a button that stops trading. It is served to this "
        "machine alone; a tunnel brings it to another, encrypted and with a login of its own.",
        "trader dashboard --ledger runs/demo --at 0.0.0.0:8765",
    ),
    Code(
        "M922",
        "a key that could be guessed",
        "Whoever has the key reads the account and can stop it. A key that a person made up is "
        "tried out in an afternoon.",
        "DASHBOARD_KEY=letmein trader dashboard --ledger runs/demo",
    ),
    Code(
        "M930",
        "looser, and not tighter",
        "A person at night may take risk away and never add it. What permits more or protects less "
        "is a change that somebody else reads first.",
        "trader tighten max_position params.max_position_pct.bull=9 --for 12h",
    ),
    Code(
        "M931",
        "nobody can say that it is tighter",
        "Every field declares which of its values is the safer one, and rules are proved. A field "
        "that is about words, or about what strategies want, has no safer direction.",
        "trader tighten tight_spread enabled=false --for 12h",
    ),
    Code(
        "M932",
        "it changes nothing",
        "An order that leaves everything as it is was meant otherwise: the value is in force "
        "already, or its time is over.",
        "trader tighten max_position params.max_position_pct.bull=3.6 --for 12h",
    ),
    Code(
        "M933",
        "it would hold back ways out",
        "A way out is never closed by what was meant to protect. Whoever wants to stop exits too "
        "halts, which says so, asks, and is seen by everybody.",
        "trader tighten account read_only=true --for 12h",
    ),
    Code(
        "M934",
        "a tightening does not fit the set",
        "What a person made tighter stays so until its time is over, under other sets too. A set "
        "of which nobody can say what it would mean there is not taken until then.",
        "trader reload, with a set in which the tightened limit has another name",
    ),
    Code(
        "M935",
        "a link that nobody signed",
        "A link acts without a password, so that only what was signed with the key is one. A text "
        "that was cut, changed or made up is none, and nothing of it is read.",
        "https://night.example.org/l/AAAA, a link whose end a mail program cut off",
    ),
    Code(
        "M936",
        "a link whose time is over",
        "A notice lies in a chat for years. What it offers ends with the hour that it was about.",
        "a tap on the link of yesterday's notice, with alerting.links.last_for: 15m",
    ),
    Code(
        "M937",
        "a link that was used",
        "Each link works once: whoever finds it later, in a history or a log of a proxy, finds "
        "nothing that acts.",
        "a second tap on the same link",
    ),
    Code(
        "M938",
        "a link of another trader",
        "One key may serve several traders. A link says whose it is, and no other takes it.",
        "a link of the paper account, opened at `trader listen` of the live one",
    ),
    Code(
        "M939",
        "links cannot be signed",
        "Links act, so they are signed with a secret that nobody guesses. Without it notices go "
        "out without links, and nothing listens.",
        "alerting.links with secret: LINK_KEY, and no place that has LINK_KEY",
    ),
    Code(
        "M923",
        "the dashboard cannot be served",
        "The address is taken, or is none of this machine.",
        "trader dashboard --ledger runs/demo --at 127.0.0.1:80",
    ),
)
