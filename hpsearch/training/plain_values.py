"""What stands in JSON for values of a Keras configuration that JSON has no form for."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain_value(value: Any) -> Any:
    """Every number of an array or a tensor, the name of anything else."""
    return np.asarray(value).tolist() if hasattr(value, "shape") else str(value)
