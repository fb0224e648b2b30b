"""What a run is put together from: a stream that every run has, and the world that they differ in.

In: `RunSettings`, a policy set. Out: `Session`. `stream` opens the ledger, `outfit` makes the desk,
`beginning` writes its first records; `recorded` brings the market of a recording, and the package
`engine.run.real_time` that of a venue.
"""
