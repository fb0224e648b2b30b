"""Runs the official client's websocket, unmodified, in the environment of foreign clients.

Arguments: market or user, an address, a key file (or -), products, channels. Every message goes
through the client's own types and is printed as one line of JSON; the end of the input ends it.
"""

import json
import sys

from coinbase.websocket import WebsocketResponse, WSClient, WSUserClient

kind, address, key_file, products, channels = sys.argv[1:]


def told(text: str) -> None:
    """One message, read by the client's own types."""
    message = json.loads(text)
    if message.get("type") != "error":
        WebsocketResponse(json.loads(text))
    print(json.dumps(message), flush=True)  # noqa: T201 - this is the program's output


maker = WSUserClient if kind == "user" else WSClient
keys = {} if key_file == "-" else {"key_file": key_file}
client = maker(base_url=address, on_message=told, timeout=10, retry=False, **keys)
client.open()
for channel in channels.split(","):
    client.subscribe(products.split(","), [channel])
sys.stdin.read()
client.unsubscribe_all()
client.close()
