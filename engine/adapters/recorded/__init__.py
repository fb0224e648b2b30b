"""Recordings of a market: opened, cleaned with an account of it, replayed, and written."""

from engine.adapters.recorded.derived import SpreadModel, with_derived_quotes
from engine.adapters.recorded.events import received
from engine.adapters.recorded.feed import RecordedFeed
from engine.adapters.recorded.files.writing import write_recording
from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.recording import Recording, open_recording
from engine.adapters.recorded.report import (
    Correction,
    CorrectionKind,
    FileReport,
    RecordingReport,
)
from engine.adapters.recorded.stress import stressed
from engine.adapters.recorded.tables import Table

__all__ = [
    "Correction",
    "CorrectionKind",
    "FileReport",
    "RecordedFeed",
    "Recording",
    "RecordingKind",
    "RecordingReport",
    "SpreadModel",
    "Table",
    "open_recording",
    "received",
    "stressed",
    "with_derived_quotes",
    "write_recording",
]
