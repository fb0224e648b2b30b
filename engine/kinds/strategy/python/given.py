"""What a strategy's source is given: modules by name, builtins by name, and nothing else.

Closed lists, so that what Python adds to itself is not added here. They keep honest code pure:
the same context gives the same proposals, and nothing outside is read or changed. They are no
wall against malice: whoever may merge a strategy is trusted, and review is the fence.
"""

from __future__ import annotations

import builtins
import math

FACE = "engine.model.proposals"
"""Our own types: what `propose` takes and gives."""

_MATH = tuple(name for name in dir(math) if not name.startswith("_"))
_ROUNDINGS = ("ROUND_CEILING", "ROUND_DOWN", "ROUND_FLOOR", "ROUND_HALF_EVEN", "ROUND_HALF_UP")

# Left out with care: whatever keeps something between two calls (caches), draws by chance
# (`NormalDist.samples`), reaches attributes by text (`attrgetter`), changes the decimal context
# that money is reckoned in, or never ends (`count`, `cycle`, `repeat`).
MODULES: dict[str, frozenset[str]] = {
    name: frozenset(names)
    for name, names in {
        FACE: ("Candidate", "Context", "Proposal"),
        "__future__": ("annotations",),
        "math": _MATH,
        "statistics": [
            "correlation",
            "covariance",
            "fmean",
            "geometric_mean",
            "harmonic_mean",
            "linear_regression",
            "mean",
            "median",
            "median_high",
            "median_low",
            "mode",
            "multimode",
            "pstdev",
            "pvariance",
            "quantiles",
            "stdev",
            "variance",
        ],
        "decimal": ("Decimal", *_ROUNDINGS),
        "fractions": ("Fraction",),
        "dataclasses": ("dataclass", "field", "replace"),
        "enum": ("Enum", "IntEnum", "StrEnum", "auto", "unique"),
        "typing": ("Final", "Literal", "NamedTuple", "TypeAlias"),
        "collections": ("Counter", "OrderedDict", "defaultdict", "deque"),
        "collections.abc": [
            "Callable",
            "Collection",
            "Iterable",
            "Iterator",
            "Mapping",
            "MutableMapping",
            "Sequence",
            "Sized",
        ],
        "itertools": [
            "accumulate",
            "chain",
            "combinations",
            "compress",
            "dropwhile",
            "filterfalse",
            "groupby",
            "islice",
            "pairwise",
            "permutations",
            "product",
            "starmap",
            "takewhile",
            "zip_longest",
        ],
        "functools": ("cmp_to_key", "partial", "reduce"),
        "bisect": ("bisect", "bisect_left", "bisect_right", "insort", "insort_left"),
        "operator": [
            "add",
            "and_",
            "eq",
            "ge",
            "gt",
            "itemgetter",
            "le",
            "lt",
            "mul",
            "ne",
            "neg",
            "not_",
            "or_",
            "pos",
            "sub",
            "truediv",
            "truth",
        ],
    }.items()
}

# No `set` and no `hash`: the order of a set of text changes from one run to the next.
BUILTINS: dict[str, object] = {
    name: getattr(builtins, name)
    for name in [
        "abs",
        "all",
        "any",
        "bool",
        "dict",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "int",
        "isinstance",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "pow",
        "property",
        "reversed",
        "round",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "tuple",
        "zip",
        "ArithmeticError",
        "AssertionError",
        "IndexError",
        "KeyError",
        "ValueError",
        "ZeroDivisionError",
    ]
}
COUNTED = ("range",)
"""Builtins that the loader gives in a form of its own."""

WITHHELD_BUILTINS = frozenset(dir(builtins)) - set(BUILTINS) - set(COUNTED)
WITHHELD_ATTRIBUTES = frozenset({"format", "format_map", "mro", "samples"})
WITHHELD_PREFIXES = ("_", "ag_", "co_", "cr_", "f_", "func_", "gi_", "tb_")
"""Attributes that lead from a value to the frame, the code or the class behind it."""

DECORATORS = frozenset({"dataclass", "property", "staticmethod", "unique"})
CONSTANT_MAKERS = frozenset({"Decimal", "Fraction"})
CLASS_CONSTANT_MAKERS = CONSTANT_MAKERS | {"auto", "field"}
