"""For Keras Tuner users: our search inside their tuners, and spaces converted both ways.

`OptunaOracle` is loaded when first touched, for it needs Keras Tuner and with it TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpsearch.interop.conversion import hyperparameters_from_space, space_from_hyperparameters

if TYPE_CHECKING:
    from hpsearch.interop.oracle import OptunaOracle

__all__ = ["OptunaOracle", "hyperparameters_from_space", "space_from_hyperparameters"]


def __getattr__(name: str) -> Any:
    if name == "OptunaOracle":
        from hpsearch.interop.oracle import OptunaOracle

        return OptunaOracle
    raise AttributeError(f"module 'hpsearch.interop' has no attribute '{name}'")
