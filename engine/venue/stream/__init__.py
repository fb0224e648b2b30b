"""The venue's websocket: channels, subscriptions, numbered messages, and their mishaps."""
