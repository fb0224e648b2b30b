"""What a meaning of the language must offer to be asked for by name.

In: a checked tree, facts, the vocabulary. Out: a value, or None for "undecided".
Refuses: an operation that the backend does not know, as `NotDefinedError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary


class Evaluate(Protocol):
    """One meaning: the value of a tree over facts."""

    def __call__(
        self, tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary
    ) -> Value | None:
        """The value, or None where the facts do not decide it."""
        ...


class NotDefinedError(Exception):
    """A backend met an operation that it gives no meaning to."""

    def __init__(self, backend: str, operation: str) -> None:
        self.backend = backend
        self.operation = operation
        super().__init__(f"`{operation}` is not defined in backend `{backend}`")
