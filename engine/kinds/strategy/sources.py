"""How a strategy with a source lowers: its facts and parameters as numbers, its source checked.

In: the document with the text of its source. Out: trees `#fact:NAME` and `#param:NAME`, whose
values the source is told; findings of the source, and of facts that a strategy cannot be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.grammar import parse
from engine.expr.nodes import Fact
from engine.expr.vocabulary import FactScope
from engine.kinds.base import canonical_text
from engine.kinds.strategy.python import fence, names, outline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.errors import Place
    from engine.kinds.base import Document, SourceText
    from engine.kinds.lowering import BoundReader
    from engine.kinds.strategy.document import PythonSource

_TOLD = frozenset({FactScope.ACCOUNT, FactScope.VENUE, FactScope.SYMBOL})
_OF_THE_ACCOUNT = frozenset({FactScope.ACCOUNT, FactScope.VENUE})
FACT, PARAM = "fact:", "param:"


def lower(bound: BoundReader, python: PythonSource) -> None:
    """Read the facts and parameters, and check the source."""
    reader = bound.reader
    document = reader.document
    for index, text in enumerate(python.facts):
        _fact(bound, index, text)
    for name in sorted(bound.declared):
        reader.values.append((f"{document.id}#{PARAM}{name}", Fact(bound.scope.fact(name))))
    reader.diagnostics.extend(_tables(bound))
    if document.source is None:
        place = document.places.of(("spec", "python", "file"))
        message = f"the source `{python.file}` could not be read"
        mend = "put it beside the document that names it"
        reader.diagnostics.append(Diagnostic("M381", message, place, mend))
    else:
        reader.diagnostics.extend(_checked(document, document.source, python, bound))
    # Whether the source reads them is asked of the source, name by name.
    bound.used |= bound.declared


def _fact(bound: BoundReader, index: int, text: str) -> None:
    document, vocabulary = bound.reader.document, bound.vocabulary
    path = ("spec", "python", "facts", index)
    parsed = parse(document.places.snippet(path))
    bound.reader.diagnostics.extend(parsed.diagnostics)
    if parsed.tree is None:
        return
    place = document.places.of(path)
    spec = vocabulary.spec(parsed.tree.name) if isinstance(parsed.tree, Fact) else None
    if not isinstance(parsed.tree, Fact) or spec is None:
        message = f"`{text}` is not the name of one fact"
        mend = "name facts of `policy facts`, or calls of series functions, one an entry"
        bound.reader.diagnostics.append(Diagnostic("M388", message, place, mend))
    elif spec.scope not in _TOLD:
        message = f"`{spec.name}` is known with an order only, and there is none yet"
        mend = "leave it out: limits are asked about the order that comes of a proposal"
        bound.reader.diagnostics.append(Diagnostic("M388", message, place, mend))
    else:
        bound.reader.values.append((f"{document.id}#{FACT}{spec.name}", parsed.tree))


def _tables(bound: BoundReader) -> Iterator[Diagnostic]:
    """Parameters are told once a cycle, so no table may depend on the product."""
    scope = bound.scope
    for name in sorted(bound.declared):
        definition = bound.vocabulary.definition_tree(scope.fact(name))
        if definition is None:
            continue
        specs = (bound.vocabulary.spec(each) for each in bound.vocabulary.base_facts(definition))
        of_products = [s.name for s in specs if s is not None and s.scope not in _OF_THE_ACCOUNT]
        if of_products:
            place = scope.document.places.of((*scope.path, name))
            message = f"parameter `{name}` depends on `{of_products[0]}`, which is of one product"
            mend = "a source is told its parameters once: use `by: regime.name`, or one number"
            yield Diagnostic("M388", message, place, mend)


def _checked(
    document: Document, source: SourceText, python: PythonSource, bound: BoundReader
) -> Iterator[Diagnostic]:
    tree = fence.parsed(source)
    if isinstance(tree, Diagnostic):
        yield tree
        return
    yield from fence.check(source, tree)
    yield from outline.check(source, tree)
    yield from names.check(source, tree, _declared(document, python, bound))


def _declared(
    document: Document, python: PythonSource, bound: BoundReader
) -> Mapping[str, Mapping[str, Place]]:
    facts = {
        canonical_text(text): document.places.of(("spec", "python", "facts", index))
        for index, text in enumerate(python.facts)
    }
    params = {
        name: document.places.of_key((*bound.scope.path, name)) for name in sorted(bound.declared)
    }
    return {names.FACTS: facts, names.PARAMS: params}
