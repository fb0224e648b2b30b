"""The venue as a process: what a person asks for, the market that it shows, until it is stopped."""

from engine.venue.running.options import VenueOptions
from engine.venue.running.session import Ready, serve

__all__ = ["Ready", "VenueOptions", "serve"]
