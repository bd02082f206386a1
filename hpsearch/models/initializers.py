"""The weight initializers that a model can be asked for, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hpsearch.errors import InputError

INITIALIZERS: Mapping[str, tuple[str, Mapping[str, float]]] = MappingProxyType(
    {
        "he_normal": ("HeNormal", {}),
        "he_uniform": ("HeUniform", {}),
        "glorot_normal": ("GlorotNormal", {}),
        "glorot_uniform": ("GlorotUniform", {}),
        "lecun_normal": ("LecunNormal", {}),
        "lecun_uniform": ("LecunUniform", {}),
        "orthogonal": ("Orthogonal", {}),
        "normal_0.01": ("RandomNormal", {"stddev": 0.01}),
        "normal_1": ("RandomNormal", {"stddev": 1.0}),
        "constant": ("Constant", {"value": 0.1}),
        "zeros": ("Zeros", {}),
    }
)
"""Name → Keras class and its arguments. The two plain normal ones are 0.01·rand and rand of the
course (section 5, Initialization); the scaled ones are Glorot & Bengio 2010 (there called Xavier),
He et al. 2015, LeCun et al. 1998 and Saxe et al. 2014. `zeros` and `constant` (0.1) give all units
of a layer the same weights and the same gradients, so that they stay alike: they are here to be
seen failing. The course's rule: He for convolutions with ReLU, Glorot for dense layers."""


def check_initializer(name: str) -> None:
    """Refuse a name that is not one of `INITIALIZERS`.

    Raises:
        InputError: There is none of that name.
    """
    if name not in INITIALIZERS:
        raise InputError(f"No initializer '{name}'.", f"Give one of: {', '.join(INITIALIZERS)}.")


def make_initializer(name: str) -> Any:
    """A new initializer of that name.

    Each layer needs one of its own: a Keras initializer draws its seed when it is made, and
    gives the same weights every time it is called. That seed follows from
    `keras.utils.set_random_seed`.

    Args:
        name: One of `INITIALIZERS`.

    Raises:
        InputError: There is none of that name.
    """
    from keras import initializers

    check_initializer(name)
    class_name, arguments = INITIALIZERS[name]
    return getattr(initializers, class_name)(**arguments)
