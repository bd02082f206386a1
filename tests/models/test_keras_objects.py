"""A saved model with layers and losses of ours loads in a program that only has it and Keras."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.models import DROPOUT_KINDS, Block, cnn
from tests.models.stand_ins import TINY

pytestmark = pytest.mark.all

LOAD = "import keras, sys; keras.saving.load_model(sys.argv[1], compile=True)"


@pytest.mark.timeout(180)
def test_it_loads_once_the_objects_are_imported(tmp_path: Path) -> None:
    blocks = [Block(2, pooling="none", dropout_kind=kind) for kind in DROPOUT_KINDS]
    model = cnn(TINY, blocks, conv_dropout=0.2, label_smoothing=0.1)
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")

    def loads(code: str) -> bool:
        command = [sys.executable, "-c", code, str(tmp_path / "model.keras")]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    assert not loads(LOAD)
    assert loads(f"import hpsearch.models.keras_objects; {LOAD}")
