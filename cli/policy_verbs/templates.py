"""The documents that `policy init` lays a user's set over: those that we ship and test ourselves.

In: nothing. Out: the shipped conservative set as files, and the patches of its overlay for small
accounts. In a wheel they lie inside the package, in a checkout they are the repository's own.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from cli.policy_verbs.sets import SET_FILE
from engine.kinds.base import content_of
from engine.kinds.deployment.document import DeploymentDocument
from engine.kinds.policy_set.document import PolicySetDocument
from engine.policyset.loading import load
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import plain

if TYPE_CHECKING:
    from engine.kinds.base import Document, Plain

SCHEMAS = "schemas"
_ENGINE = Path(__file__).resolve().parents[2] / "engine"
_HEADER = re.compile(
    r"\A(# yaml-language-server: \$schema=)\S*/([a-z-]+\.schema\.json)$", re.MULTILINE
)
_SMALL = "small"
_BESIDE = "../"


@dataclass(frozen=True, slots=True)
class Patch:
    """New values for one document of the base, by dotted path."""

    target: str
    values: dict[str, Plain]
    reason: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """The set that we ship: its documents, and what its overlay for small accounts changes."""

    root: Path
    documents: tuple[Document, ...]
    small: tuple[Patch, ...]

    def of_kind(self, kind: str) -> list[Document]:
        """The documents of one kind."""
        return [each for each in self.documents if each.kind == kind]

    @property
    def planned_usd(self) -> Decimal:
        """The largest equity that the set is written for."""
        (deployment,) = self.of_kind("Deployment")
        return content_of(deployment, DeploymentDocument).spec.equity_planned_usd[1]

    @property
    def small_planned_usd(self) -> tuple[Decimal, Decimal]:
        """The smallest and largest equity that the overlay for small accounts is written for."""
        values = (each.values.get("equity_planned_usd") for each in self.small)
        low, high = next(each for each in values if isinstance(each, list))
        return Decimal(str(low)), Decimal(str(high))


def shipped(root: Path | None = None) -> Shipped:
    """Read the set below `root`, where `policies` and `strategies` lie."""
    folder = root or _shipped_root()
    documents = load(folder / "policies", top=folder).documents
    return Shipped(folder, documents, tuple(_patches(folder / "policies" / _SMALL / SET_FILE)))


def files_of(shipped_set: Shipped, below: str) -> dict[str, str]:
    """The text of each of its files, by a path in a new directory, in the folder `below`.

    What lies beside our set comes to lie in it, since a user's set is one directory.
    """
    policies = shipped_set.root / "policies"
    used = {Path(each.places.of(()).file).resolve() for each in shipped_set.documents}
    texts = {os.path.relpath(each, policies.resolve()): _read(each) for each in sorted(used)}
    texts[SET_FILE] = _read(policies / SET_FILE).replace(f"{_BESIDE}strategies/", "strategies/")
    inside = {f"{below}/{path.removeprefix(_BESIDE)}": text for path, text in texts.items()}
    return {path: point_to_schemas(path, text) for path, text in sorted(inside.items())}


def _shipped_root() -> Path:
    packaged = _ENGINE / "_templates"
    return packaged if packaged.is_dir() else _ENGINE.parent


def _patches(path: Path) -> list[Patch]:
    root = read_yaml(path.read_bytes(), str(path)).root
    # INVARIANT: the overlay is ours, and a test lints it.
    spec = PolicySetDocument.model_validate(plain(root) if root else None).spec
    return [Patch(each.target, dict(each.set), each.reason or "") for each in spec.patches]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def point_to_schemas(path: str, text: str) -> str:
    """An editor finds the schema of a file by the path in its first line."""
    up = "../" * path.count("/")
    return _HEADER.sub(rf"\1{up}{SCHEMAS}/\2", text)
