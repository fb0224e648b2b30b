"""A hand on a venue that runs in another process: one deed, by the operator's key.

In: the venue's directory, a deed's word and fields. Out: nothing once it is done, and durable.
Refuses (M607) where no venue answers, and what the venue refuses, in its own words.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import TYPE_CHECKING

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.http import HttpClient, LostError, NotSentError
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.rng import SystemRng
from engine.errors import Diagnostic, MandateError
from engine.venue.running.session import ADDRESS
from engine.venue.server.home import OPERATOR, certificate_in, key_file_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.adapters.http import Answer

_OK = 200


def tell(state: Path, word: str, fields: Mapping[str, str]) -> None:
    """Do one deed at the venue that lives in `state`; raises `MandateError` (M607)."""
    try:
        answer = asyncio.run(_asked(state, f"/venue/{word}", json.dumps(fields).encode()))
    except (OSError, ValueError, KeyError, NotSentError, LostError) as error:
        message = f"no venue answers for `{state}`: {type(error).__name__}"
        mend = "start one there: `trader venue --state DIR`"
        raise MandateError([Diagnostic("M607", message, None, mend)]) from error
    if answer.status != _OK:
        message = f"the venue does not do it: {_why(answer)}"
        raise MandateError([Diagnostic("M607", message, None, "ask for what it can do")])


async def _asked(state: Path, path: str, body: bytes) -> Answer:
    disk = DirectoryDisk(state)
    base = json.loads(disk.read(ADDRESS))["rest"]
    key = json.loads(disk.read(key_file_of(OPERATOR)))
    tls = ssl.create_default_context(cafile=str(certificate_in(state)))
    credentials = credentials_of(key["name"], key["privateKey"])
    uri = f"POST {base.removeprefix('https://')}{path}"
    token = credentials.token(SystemClock().now(), SystemRng(), uri)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    client = HttpClient(base, tls)
    try:
        return await client.request("POST", path, body=body, headers=headers)
    finally:
        await client.close()


def _why(answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status}"
