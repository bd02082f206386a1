"""Numbers derived from a seed and a purpose, the same on every machine."""

from __future__ import annotations

import hashlib


def derive_seed(seed: int, *purpose: object) -> int:
    """A seed in [0, 2³¹) for one purpose, such as `derive_seed(study_seed, trial, "ask")`."""
    return _hash(seed, purpose) >> 33


def uniform(seed: int, *purpose: object) -> float:
    """A number in [0, 1), uniform over purposes."""
    return (_hash(seed, purpose) >> 11) / (1 << 53)


def _hash(seed: int, purpose: tuple[object, ...]) -> int:
    text = "\x1f".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
