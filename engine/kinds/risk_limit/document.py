"""RiskLimit: what every order must satisfy, or is made smaller for, or is denied."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from engine.kinds.base import (
    Closed,
    FlagExpression,
    Intents,
    Modes,
    Stages,
    Metadata,
    Params,
    Sentence,
)

class RiskLimitSpec(Closed):
    """A rule with its scope, or the words that none is wanted."""

    scope: Literal["order", "symbol", "group", "strategy", "portfolio", "account"]
    intents: class RiskLimitDocument(Closed):
    """What every order of the named intents must satisfy."""

    KIND: ClassVar[str] = "RiskLimit"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["RiskLimit"]
    metadata: Metadata
    spec: RiskLimitSpec
