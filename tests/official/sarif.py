"""SARIF logs against the schema of its standard, which nobody here wrote; see NOTICE."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator


def faults(log: str) -> list[str]:
    """Where a log is not what the schema asks for, and why."""
    return [f"{each.json_path}: {each.message}" for each in _schema().iter_errors(json.loads(log))]


@cache
def _schema() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
