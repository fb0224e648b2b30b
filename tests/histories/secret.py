"""The key of the simulated account: a real one for signing, and a canary wherever it should not be.

Nothing of it may be found in a ledger, an alert or a story.
"""

from __future__ import annotations

import base64
import hashlib

from engine.adapters.coinbase.credentials import credentials_of

SECRET = base64.b64encode(hashlib.sha256(b"canary").digest()).decode()
KEY_NAME = "organizations/simulated/apiKeys/canary"
CREDENTIALS = credentials_of(KEY_NAME, SECRET)
