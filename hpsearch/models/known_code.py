"""Whose code a class is: what that of Keras and of hpsearch does is known, other code is not."""

from __future__ import annotations

KNOWN_MODULES = ("keras.", "hpsearch.")


def is_known_code(kind: type) -> bool:
    """Whether a class is Keras's or ours."""
    return is_known_module(kind.__module__)


def is_known_module(name: str) -> bool:
    """Whether a module is Keras's or ours."""
    return f"{name}.".startswith(KNOWN_MODULES)
