"""Loading a saved model in a process that has TensorFlow, without running code in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpsearch.errors import InputError


def load_saved(path: Path | str) -> Any:
    """A saved model, ready to predict.

    Raises:
        InputError: It cannot be loaded, or not without running code that the file holds.
    """
    import keras

    import hpsearch.models.keras_objects  # noqa: F401  (makes them known to Keras)

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # a damaged file fails in many ways
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"{path} cannot be loaded: {reason}",
            "A damaged file: train again with --overwrite. A Lambda layer holds code, which is "
            "not run from a file: write a layer class with "
            "@keras.saving.register_keras_serializable() in the space file.",
        ) from error
