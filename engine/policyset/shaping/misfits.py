"""The words for what does not fit a schema: one finding, with its mend, a misfit.

In: `Misfit`, one rule of a schema that one value breaks, and the places of the document.
Out: the finding, at the key or the value that it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.errors import Diagnostic, Fix
from engine.expr.checking.suggest import nearest, sure
from engine.kinds.base import NAME_PATTERN
from engine.model.numbers import canonical_number
from engine.policyset.reading.scalars import quoted
from engine.policyset.shaping.spellings import formed_as, spelled_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.kinds.base import Path, Places
    from engine.policyset.shaping.schemas import Schema

_MOST = 5
_FOUND = {dict: "a mapping", list: "a list", str: "text", Decimal: "a number", bool: "a flag"}
_WANTED = {
    "number": "a number",
    "integer": "a whole number",
    "string": "text",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}

_NUMERIC = re.compile(r"\s*[-+$]?[0-9.,_]+\s*%?\s*")
_TYPE_MENDS = {
    "number": "write a plain number, without quotes or a unit",
    "integer": "write a whole number, without quotes or a unit",
    "boolean": "write `true` or `false`, without quotes",
    "array": "write a list: `[…]`, or one `- …` a line",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """One rule (`keyword: wanted`) of a schema that one value breaks.

    `name` is the key at fault where a key is missing or unknown; `is_key` says that `value` is
    itself a key of the mapping at `path`.
    """

    keyword: str
    wanted: Any
    value: Any
    schema: Schema
    path: Path
    name: str
    is_key: bool

    def at_value(
        self, code: str, message: str, places: Places, mend: str, *, meant: str | None = None
    ) -> Diagnostic:
        """The finding at the value, or at its key when the value fills several lines.

        `meant` is the text that surely belongs in the value's place.
        """
        if self.is_key:
            where = places.of_key((*self.path, str(self.value)))
        elif isinstance(self.value, dict | list):
            where = places.of_key(self.path)
        else:
            where = places.of(self.path)
        scalar = not self.is_key and not isinstance(self.value, dict | list)
        fix = Fix(where, meant, safe=True) if meant and scalar else None
        return Diagnostic(code, message, where, mend, fix=fix)


def finding(misfit: Misfit, places: Places) -> Diagnostic:
    """Say what does not fit."""
    return _WORDS[misfit.keyword](misfit, places)


def names_hint(name: str, known: Iterable[str], intro: str) -> str:
    """The nearest of `known` to what the user wrote, and at most five of them."""
    names = sorted(known)
    near = nearest(name, names)
    guess = f"did you mean `{near}`?" if near else ""
    more = ", …" if len(names) > _MOST else ""
    listed = f"{intro}: {', '.join(names[:_MOST])}{more}" if names else ""
    return " ".join(part for part in (guess, listed) if part) or "delete it"


def _unknown_key(misfit: Misfit, places: Places) -> Diagnostic:
    schema, name = misfit.schema, misfit.name
    place = places.of_key((*misfit.path, name))
    patterns = schema.get("patternProperties")
    if patterns:
        mend = _form(next(iter(patterns)), {})
        return Diagnostic("M307", f"the key {quoted(name)} has not the right form", place, mend)
    missing = schema.get("properties", {}).keys() - misfit.value.keys()
    mend = names_hint(name, missing, "it may have")
    meant = sure(name, missing)
    fix = Fix(place, meant, safe=True) if meant else None
    return Diagnostic("M303", f"unknown key {quoted(name)}", place, mend, fix=fix)


def _missing_key(misfit: Misfit, places: Places) -> Diagnostic:
    name = misfit.name
    wanted = misfit.schema.get("properties", {}).get(name, {})
    if "const" in wanted:
        mend = f"add `{name}: {wanted['const']}`"
    elif "enum" in wanted:
        mend = f"add `{name}:` with one of: {', '.join(wanted['enum'])}"
    else:
        mend = f"add `{name}`: {wanted.get('description', 'it has no default')}"
    return Diagnostic("M304", f"the key `{name}` is missing", places.of_key(misfit.path), mend)


def _wrong_type(misfit: Misfit, places: Places) -> Diagnostic:
    wanted = _WANTED[str(misfit.wanted)]
    message = f"expected {wanted}, found {found_name(misfit.value)}"
    meant = spelled_as(str(misfit.wanted), misfit.value)
    return misfit.at_value("M305", message, places, _type_mend(misfit), meant=meant)


def _type_mend(misfit: Misfit) -> str:
    wanted = misfit.wanted
    if "examples" in misfit.schema:
        return _examples(misfit.schema)
    if "enum" in misfit.schema:
        return f"write one of: {', '.join(misfit.schema['enum'])}"
    if wanted == "object":
        return names_hint("", misfit.schema.get("properties", ()), "it has the keys")
    quotable = isinstance(misfit.value, Decimal | bool)
    return _TYPE_MENDS.get(wanted) or ("put it in quotes" if quotable else "write one text")


def _not_a_choice(misfit: Misfit, places: Places) -> Diagnostic:
    value, wanted = misfit.value, misfit.wanted
    choices = [str(each) for each in (wanted if misfit.keyword == "enum" else [wanted])]
    found = quoted(value) if isinstance(value, str) else found_name(value)
    near = nearest(value, choices) if isinstance(value, str) else None
    if len(choices) == 1:
        message, mend = f"{found} stands where `{choices[0]}` belongs", f"write `{choices[0]}`"
    else:
        message = f"{found} is not one of: {', '.join(choices)}"
        mend = f"did you mean `{near}`?" if near else "write one of them"
    meant = sure(value, choices) if isinstance(value, str) else None
    return misfit.at_value("M306", message, places, mend, meant=meant)


def _wrong_form(misfit: Misfit, places: Places) -> Diagnostic:
    message = f"{quoted(misfit.value)} has not the right form"
    mend = _form(str(misfit.wanted), misfit.schema)
    meant = None if misfit.is_key else formed_as(str(misfit.wanted), str(misfit.value))
    return misfit.at_value("M307", message, places, mend, meant=meant)


def _form(pattern: str, schema: Schema) -> str:
    if "examples" in schema:
        return _examples(schema)
    if pattern == NAME_PATTERN:
        return "lower-case letters, digits and underscores, beginning with a letter"
    return f"it must match `{pattern}`"


def _examples(schema: Schema) -> str:
    return "for example " + ", ".join(f"`{each}`" for each in schema["examples"])


def _out_of_range(misfit: Misfit, places: Places) -> Diagnostic:
    side = {
        "minimum": "is below {}",
        "maximum": "is above {}",
        "exclusiveMinimum": "is not above {}",
        "exclusiveMaximum": "is not below {}",
    }[misfit.keyword]
    bound = canonical_number(Decimal(str(misfit.wanted)))
    message = f"{canonical_number(misfit.value)} {side.format(bound)}"
    return misfit.at_value("M308", message, places, f"write a number {_range(misfit.schema)}")


def _range(schema: Schema) -> str:
    words = {
        "minimum": "from {}",
        "exclusiveMinimum": "above {}",
        "maximum": "up to {}",
        "exclusiveMaximum": "below {}",
    }
    return " ".join(text.format(schema[key]) for key, text in words.items() if key in schema)


def _wrong_length(misfit: Misfit, places: Places) -> Diagnostic:
    if misfit.keyword == "maxLength":
        message, mend = f"a text longer than {misfit.wanted} characters", "shorten it"
    else:
        message, mend = "an empty text", "write it, or leave the key out"
    return misfit.at_value("M309", message, places, mend)


def _wrong_count(misfit: Misfit, places: Places) -> Diagnostic:
    bound = misfit.wanted
    if not misfit.value:
        message = f"{found_name(misfit.value)} without entries"
    else:
        message = f"{'fewer' if misfit.keyword.startswith('min') else 'more'} than {bound} entries"
    mend = f"write at {'least' if misfit.keyword.startswith('min') else 'most'} {bound}"
    return misfit.at_value("M310", message, places, mend)


def _no_form_fits(misfit: Misfit, places: Places) -> Diagnostic:
    forms = [each for each in misfit.wanted if each.get("type") != "null"]
    names = [_form_name(each) for each in forms]
    if misfit.keyword == "oneOf":
        message = f"expected exactly one of {' and '.join(names)}"
        return misfit.at_value("M311", message, places, "write one of the two")
    message = f"expected {' or '.join(names)}"
    if not isinstance(misfit.value, dict):
        message += f", found {found_name(misfit.value)}"
    numeric = any(each.get("type") == "number" for each in forms)
    meant = spelled_as("number", misfit.value) if numeric else None
    mend = _meant_word(misfit.value, forms)
    return misfit.at_value("M311", message, places, mend, meant=meant)


def _meant_word(value: object, forms: list[Schema]) -> str:
    """A word of one of the forms that the user nearly wrote."""
    if isinstance(value, str) and _NUMERIC.fullmatch(value):
        return _TYPE_MENDS["number"]
    known = [str(each["const"]) for each in forms if "const" in each]
    known += [key for each in forms for key in each.get("properties", ())]
    written = value if isinstance(value, dict) else [value] if isinstance(value, str) else []
    near = next((found for each in written if (found := nearest(str(each), known))), None)
    return f"did you mean `{near}`?" if near else "write one of these"


def _form_name(schema: Schema) -> str:
    """What a person would call one alternative of a union."""
    if "const" in schema:
        return f"`{schema['const']}`"
    if "type" not in schema:
        return f"the key `{schema['required'][0]}`"
    if "required" in schema:
        return "a mapping with " + " and ".join(f"`{each}`" for each in schema["required"])
    name = _WANTED[schema["type"]]
    return str(schema.get("title", name)) if schema["type"] == "object" else name


def found_name(value: object) -> str:
    """What a value of plain data is called."""
    return "null" if value is None else _FOUND[type(value)]


_WORDS: Mapping[str, Callable[[Misfit, Places], Diagnostic]] = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "type": _wrong_type,
    "enum": _not_a_choice,
    "const": _not_a_choice,
    "pattern": _wrong_form,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "exclusiveMinimum": _out_of_range,
    "exclusiveMaximum": _out_of_range,
    "minLength": _wrong_length,
    "maxLength": _wrong_length,
    "minItems": _wrong_count,
    "maxItems": _wrong_count,
    "minProperties": _wrong_count,
    "anyOf": _no_form_fits,
    "oneOf": _no_form_fits,
}
