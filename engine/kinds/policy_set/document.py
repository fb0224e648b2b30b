"""PolicySet: which documents make up the set, over which base, with which patches."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from engine.kinds.base import Closed, Metadata, Sentence

_PLAIN_SCHEMA = {"type": "object", "minProperties": 1}


class Patch(Closed):
    """New values for fields of one document of the base."""

    target: str = Field(
        pattern=r"^[A-Z][A-Za-z]+/[a-z][a-z0-9_]*$",
        description="The document to change, as Kind/name.",
    )
    set: Annotated[dict[str, Any], WithJsonSchema(_PLAIN_SCHEMA)] = Field(
        description="Dotted paths inside `spec` (list items by number) and their new values."
    )
    reason: Sentence | None = Field(default=None, description="Why, for the reviewer.")


class PolicySetSpec(Closed):
    """Either a list of files, or a base with other values, or both."""

    include: tuple[Sentence, ...] = Field(
        default=(), description="File patterns, relative to this file; each must match something."
    )
    requires_engine: Sentence | None = Field(
        default=None,
        description="Versions of the engine that the set can run on (PEP 440): `>=0.1,<2`.",
    )
    base: Sentence | None = Field(
        default=None, description="The directory of the set that this one is laid over."
    )
    patches: tuple[Patch, ...] = Field(default=(), description="Changes to the base, in order.")


class PolicySetDocument(Closed):
    """The file `policyset.yaml` of a policy set."""

    KIND: ClassVar[str] = "PolicySet"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["PolicySet"]
    metadata: Metadata
    spec: PolicySetSpec
