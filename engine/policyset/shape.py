"""Shape: does a document have the keys, types and forms of its kind, said in our words.

In: plain data with its places. Out: findings, each at the key or value that it is about.
Refuses what `misfits` has words for: unknown and missing keys, wrong types, choices, forms. The
schema is picked by `kind` before anything is validated, so no union of kinds can name the wrong
mend. The only file that may import jsonschema.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from engine.errors import Diagnostic, Fix
from engine.expr.checking.suggest import sure
from engine.kinds.registry import KINDS
from engine.policyset.reading.scalars import quoted
from engine.policyset.shaping.misfits import Misfit, finding, found_name, names_hint
from engine.policyset.shaping.schemas import LISTS, committed, envelope_of, generated, inlined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.protocols import Validator

    from engine.kinds.base import Closed, Places, Plain
    from engine.policyset.shaping.schemas import Schema


def check_shape(plain: Plain, places: Places) -> list[Diagnostic]:
    """Everything about the shape of one document that is not as its kind has it."""
    kind = kind_of(plain, places, KINDS)
    if isinstance(kind, Diagnostic):
        return [kind]
    return _findings(_validator(kind), plain, places)


def check_against(document: type[Closed], plain: Plain, places: Places) -> list[Diagnostic]:
    """The same for a document that belongs to no policy set, and so is of none of its kinds."""
    return _findings(_stray_validator(document), plain, places)


def check_envelope(kind: str, plain: Plain, places: Places) -> list[Diagnostic]:
    """The same for the file of a list of documents, without a look into its items."""
    return _findings(_envelope_validator(kind), plain, places)


def kind_of(plain: Plain, places: Places, known: Iterable[str]) -> str | Diagnostic:
    """The kind that the document names, when it is one of `known`."""
    if not isinstance(plain, dict):
        message = f"a document is a mapping, and this is {found_name(plain)}"
        return Diagnostic("M300", message, places.of(()), "begin with `apiVersion: mandate/v1`")
    kind = plain.get("kind")
    if not isinstance(kind, str):
        at = ("kind",) if "kind" in plain else ()
        mend = names_hint("", KINDS, "kinds are")
        return Diagnostic("M301", "the document names no kind", places.of(at), mend)
    if kind not in known:
        mend = names_hint(kind, (*KINDS, *LISTS), "kinds are")
        place, meant = places.of(("kind",)), sure(kind, (*KINDS, *LISTS))
        fix = Fix(place, meant, safe=True) if meant else None
        return Diagnostic("M302", f"unknown kind {quoted(kind)}", place, mend, fix=fix)
    return kind


def _required(
    _: Validator, names: list[str], instance: object, __: Schema
) -> Iterator[ValidationError]:
    # One error a name, and the name alone as its message: ours are written below.
    if isinstance(instance, dict):
        yield from (ValidationError(name) for name in names if name not in instance)


def _additional(
    validator: Validator, allowed: object, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    if allowed is not False:
        standard = Draft202012Validator.VALIDATORS["additionalProperties"]
        yield from standard(validator, allowed, instance, schema)
    elif isinstance(instance, dict):
        patterns = [_strict(each) for each in schema.get("patternProperties", ())]
        for name in sorted(instance.keys() - schema.get("properties", {}).keys()):
            if not any(pattern.search(name) for pattern in patterns):
                yield ValidationError(name)


def _pattern(_: Validator, pattern: str, instance: object, __: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _strict(pattern).search(instance):
        yield ValidationError(instance)


@cache
def _strict(pattern: str) -> re.Pattern[str]:
    # Python's `$` also matches before a line break at the end; in a schema it means the end.
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def _is_number(_: object, instance: object) -> bool:
    return isinstance(instance, Decimal)


def _is_whole(_: object, instance: object) -> bool:
    return isinstance(instance, Decimal) and instance == instance.to_integral_value()


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {"number": _is_number, "integer": _is_whole}
)
_Validator: type[Validator] = validators.extend(  # type: ignore[no-untyped-call]  # its stubs are bare
    Draft202012Validator,
    {"required": _required, "additionalProperties": _additional, "pattern": _pattern},
    type_checker=_TYPES,
)


@cache
def _validator(kind: str) -> Validator:
    return _Validator(inlined(committed(kind)))


@cache
def _stray_validator(document: type[Closed]) -> Validator:
    return _Validator(inlined(generated(document)))


@cache
def _envelope_validator(kind: str) -> Validator:
    return _Validator(envelope_of(kind))


def _findings(validator: Validator, plain: Plain, places: Places) -> list[Diagnostic]:
    errors = validator.iter_errors(cast("Any", plain))
    leaves = (leaf for error in errors for leaf in _leaves(error))
    return [finding(_misfit(leaf), places) for leaf in leaves if not _echo(leaf)]


def _misfit(error: ValidationError) -> Misfit:
    return Misfit(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=error.schema if isinstance(error.schema, dict) else {},
        path=tuple(error.absolute_path),
        # `_required` and `_additional` give the name of the key at fault as their message.
        name=error.message,
        is_key="propertyNames" in error.absolute_schema_path,
    )


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The errors to report for `error`: itself, or those of the alternative that was meant."""
    meant = _meant(error) if error.validator in ("anyOf", "oneOf") else None
    if meant is None:
        yield error
    else:
        for each in meant:
            yield from _leaves(each)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    """The errors of the one alternative that fits the value's type best; None when none does."""
    groups: dict[int, list[ValidationError]] = defaultdict(list)
    for each in error.context or ():
        groups[int(each.relative_schema_path[0])].append(each)
    real = [group for group in groups.values() if not _asks_for_null(group)]
    if len(real) == 1:
        return real[0]
    fitting = [group for group in real if not any(_other_type(each) for each in group)]
    fitting.sort(key=len)
    tied = len(fitting) > 1 and len(fitting[0]) == len(fitting[1])
    return None if tied or not fitting else fitting[0]


def _asks_for_null(group: list[ValidationError]) -> bool:
    return any(each.validator == "type" and each.validator_value == "null" for each in group)


def _other_type(error: ValidationError) -> bool:
    return not error.relative_path and error.validator in ("type", "const", "enum")


def _echo(error: ValidationError) -> bool:
    """Whether the same value is reported already, for its type."""
    wanted = error.schema.get("type") if isinstance(error.schema, dict) else None
    if wanted is None or error.validator not in ("enum", "const"):
        return False
    return not _TYPES.is_type(error.instance, wanted)
