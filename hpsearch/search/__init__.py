"""Search: which configuration to try next, and what to learn from those tried."""

from hpsearch.search.observation import Observation, identify, observe
from hpsearch.search.samplers import ALGORITHMS, Sampler, draw_value, make_sampler
from hpsearch.search.seeding import derive_seed, uniform

__all__ = [
    "ALGORITHMS",
    "Observation",
    "Sampler",
    "derive_seed",
    "draw_value",
    "identify",
    "make_sampler",
    "observe",
    "uniform",
]
