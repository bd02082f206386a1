"""Search: which configuration to try next, and what to learn from those tried."""

from hpsearch.search.factory import ALGORITHMS, make_sampler
from hpsearch.search.kinds import Kind, Kinds
from hpsearch.search.observation import Observation, expected_ends, identify, observe
from hpsearch.search.samplers import Proposal, Sampler, draw_value
from hpsearch.search.seeding import derive_seed, uniform
from hpsearch.search.selection import Estimate, estimated_best

__all__ = [
    "ALGORITHMS",
    "Estimate",
    "Kind",
    "Kinds",
    "Observation",
    "Proposal",
    "Sampler",
    "derive_seed",
    "draw_value",
    "estimated_best",
    "expected_ends",
    "identify",
    "make_sampler",
    "observe",
    "uniform",
]
