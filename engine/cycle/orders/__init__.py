"""One order's way: priced, judged, recorded, gated, sent, followed, cancelled, looked for."""
