"""Sample data: realistic households that do not exist, always the same for a size, seed and day."""

from hub.sample.make import NotASample, SampleState, begun_households, make_sample, sample_state
from hub.sample.planted import Planted, planted_codes

__all__ = [
    "NotASample",
    "Planted",
    "SampleState",
    "begun_households",
    "make_sample",
    "planted_codes",
    "sample_state",
]
