"""The catalogue, M1xx: what is refused while a policy set is read.

M101-M131 one file, before any value of it counts; M140-M157 the set as a whole.
"""

from __future__ import annotations

from engine.codes.code import Code

_BYTES: tuple[Code, ...] = (
    Code(
        "M101",
        "file too large",
        "A policy is written and reviewed by people; a larger file is data or an attack, and "
        "parsing it would take the engine's time.",
        "a file of more than 64 KiB",
    ),
    Code(
        "M102",
        "not UTF-8",
        "Bytes that two programs decode differently are two policies under one review.",
        "the byte 0xe9 for é, as Latin-1 has it",
    ),
    Code(
        "M103",
        "byte-order mark",
        "The mark cannot be seen, and some programs take it for a part of the first key.",
        "EF BB BF before `apiVersion`",
    ),
    Code(
        "M104",
        "control character",
        "It cannot be seen in a review, and a terminal may obey it.",
        "U+001B in a description",
    ),
    Code(
        "M105",
        "invisible or reordering character",
        "What the reviewer sees would not be what the engine reads.",
        "U+202E RIGHT-TO-LEFT OVERRIDE in a comment",
    ),
    Code(
        "M106",
        "tab",
        "YAML programs disagree on tabs, and its indentation forbids them.",
        "a tab before `kind:`",
    ),
    Code(
        "M107",
        "carriage return",
        "The same policy would have two sets of bytes, and two hashes of its file.",
        "lines that end with CR LF",
    ),
    Code(
        "M108",
        "nested too deep",
        "No document needs it, and deep nesting exhausts parsers.",
        "seventeen opening brackets",
    ),
    Code(
        "M109",
        "too many values or lines",
        "A policy is written and reviewed by people; more than that is data or an attack.",
        "a file of more than 2,000 lines",
    ),
    Code(
        "M110",
        "directive",
        "A directive changes what the same text means.",
        "%YAML 1.1",
    ),
    Code(
        "M111",
        "secret in a policy",
        "Policies are shared, sealed and kept for ever; whoever can read one has the secret.",
        "-----BEGIN EC PRIVATE KEY-----",
    ),
    Code(
        "M131",
        "line too long",
        "No reviewer reads to its end.",
        "a line of 3,000 characters",
    ),
)

_SYNTAX: tuple[Code, ...] = (
    Code("M112", "not YAML", "The text has no meaning as YAML.", "require: a: b"),
    Code(
        "M113",
        "empty file",
        "An include that brings nothing is a policy that someone believes in and no one keeps.",
        "a file of comments only",
    ),
    Code(
        "M114",
        "several documents",
        "Some programs read the first, some the last.",
        "two parts with `---` between them",
    ),
    Code(
        "M115",
        "tag",
        "A tag changes what a value is, and in some programs runs code.",
        "mode: !!str live",
    ),
    Code(
        "M116",
        "anchor",
        "With its alias it hides a value far from where it counts.",
        "params: &shared {limit: 5}",
    ),
    Code(
        "M117",
        "alias",
        "The reviewer sees a name where the engine sees a value; a few lines of aliases can "
        "also stand for gigabytes.",
        "params: *shared",
    ),
    Code(
        "M118",
        "merge key",
        "It brings keys that nobody sees here, in an order that programs disagree on.",
        "<<: {stage: shadow}",
    ),
    Code(
        "M119",
        "key is not text",
        "Programs turn such a key into different texts.",
        "1: entry",
    ),
    Code(
        "M120",
        "duplicate key",
        "Some programs take the first value, some the last.",
        "stage: enforce, and three lines on stage: shadow",
    ),
    Code(
        "M121",
        "look-alike key",
        "A letter of another alphabet looks like ours and makes another key.",
        "m\N{CYRILLIC SMALL LETTER O}de: live",
    ),
    Code(
        "M122",
        "folded text",
        "YAML joins the lines and drops the breaks, so no finding could point inside.",
        "require: >",
    ),
    Code(
        "M123",
        "empty value",
        "A value that was deleted or forgotten must not read as no limit.",
        "max_order_usd:",
    ),
)

_SPELLINGS: tuple[Code, ...] = (
    Code(
        "M124",
        "number form",
        "YAML programs read these forms as different numbers, or as text.",
        "max_order_usd: 1_000",
    ),
    Code(
        "M125",
        "too many digits",
        "The number would be rounded without a word.",
        "limit: 0.12345678901234567890123456789",
    ),
    Code(
        "M126",
        "leading zero",
        "Some YAML programs read it as octal: 010 is eight.",
        "limit: 010",
    ),
    Code(
        "M127",
        "flag in other words",
        "Some YAML programs read it as a flag, some as text.",
        "live_enabled: yes",
    ),
    Code(
        "M128",
        "date or time without quotes",
        "Some YAML programs read a date, some text; 12:30 is 750 to some.",
        "until: 2025-11-22T10:00:00Z",
    ),
    Code(
        "M129",
        "interpolation",
        "A policy that takes values from the environment is not what was reviewed.",
        "portfolio_id: ${PORTFOLIO}",
    ),
    Code(
        "M130",
        "null in other words",
        "There is one way to write nothing.",
        "reason: ~",
    ),
)

_SET: tuple[Code, ...] = (
    Code(
        "M140",
        "no policyset.yaml",
        "A policy set is a directory with a `policyset.yaml` that says what belongs to it.",
        "policy lint policies/risk",
    ),
    Code(
        "M141",
        "file cannot be read",
        "A policy that cannot be read is one that is not kept.",
        "an included file without read permission",
    ),
    Code(
        "M142",
        "path leads elsewhere",
        "Whatever lies outside the repository was not reviewed with the set.",
        "include: [/etc/policies/*.yaml]",
    ),
    Code(
        "M143",
        "pattern matches nothing",
        "Someone believes that these documents are in force.",
        "include: [riks/*.yaml]",
    ),
    Code(
        "M144",
        "names that look alike",
        "On some file systems the two are one file, and to a reviewer they always are.",
        "risk/Limits.yaml beside risk/limits.yaml",
    ),
    Code(
        "M145",
        "two documents of one name",
        "A name stands for one document in the whole set, whatever its kind.",
        "two files with name: max_order",
    ),
    Code(
        "M146",
        "too many documents",
        "A set that nobody can review is no policy.",
        "a set of 501 documents",
    ),
    Code(
        "M147",
        "set too large",
        "A set that nobody can review is no policy.",
        "files of more than 4 MiB in all",
    ),
    Code(
        "M148",
        "circle of bases",
        "A set that is laid over itself has no effective values.",
        "base: a in b, and base: b in a",
    ),
    Code(
        "M149",
        "too many bases",
        "Nobody follows a value through so many layers.",
        "a chain of nine overlays",
    ),
    Code(
        "M150",
        "unknown patch target",
        "A patch that changes nothing is a limit that someone believes in.",
        "target: RiskLimit/max_positon",
    ),
    Code(
        "M151",
        "unknown patch path",
        "A patch sets a field that its document's kind has.",
        "set: {params.max_postion_pct: 2}",
    ),
    Code(
        "M152",
        "patch without a base",
        "Documents of the set itself are edited, not patched.",
        "patches in a set that has no base",
    ),
    Code(
        "M153",
        "policy set inside a policy set",
        "Sets are laid over a base; they are not included.",
        "include: [../other/policyset.yaml]",
    ),
    Code(
        "M154",
        "set without documents",
        "Nothing would be kept.",
        "a policyset.yaml with neither include nor base",
    ),
    Code(
        "M155",
        "two patches of one field",
        "Which of the two counts would be a matter of their order.",
        "two patches that set params.max_position_pct",
    ),
)

_FILES: tuple[Code, ...] = (
    Code(
        "M156",
        "not a pattern for YAML files",
        "Policies are `.yaml` files; another ending would bring in what no schema checks.",
        "include: [risk/*]",
    ),
    Code(
        "M157",
        "file that no include takes",
        "Someone may believe that what it says is in force.",
        "risk/new.yml beside include: [risk/*.yaml]",
    ),
)

READ_CODES: tuple[Code, ...] = (*_BYTES, *_SYNTAX, *_SPELLINGS, *_SET, *_FILES)
