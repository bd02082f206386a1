"""Each rule of thumb fires on a space file that breaks it, and not on the same file mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.execution.inspection import inspection_from
from hpsearch.execution.inspection_process import facts_of
from hpsearch.execution.study_plan import DataRequest
from hpsearch.spaces import load_space
from hpsearch.stages.lint import lint

pytestmark = pytest.mark.slow  # TensorFlow

FILE = '''"""A space with one doubtful line."""
import keras
from keras import layers
from hpsearch import SearchSpace
from hpsearch.data import Digits


class Doubtful(SearchSpace):
    dataset = Digits()

    def build(self, hp):
        rate = hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3)
        image = tensor = keras.Input((8, 8, 1))
        dense = {}
        conv = {"activation": "relu", "kernel_initializer": "he_normal"}
        LINE
        tensor = layers.Conv2D(4, 3, **conv)(tensor)
        tensor = layers.Flatten()(layers.MaxPooling2D(2)(tensor))
        tensor = layers.Dense(10, activation="softmax", **dense)(tensor)
        model = keras.Model(image, tensor)
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        return model
'''
DOUBTS = {
    "scale": ('hp.Float("l2", 0.0, 0.1)', 'hp.Float("l2", 1e-5, 0.1, sampling="log")'),
    "narrow range": (
        'hp.Float("l2", 0.01, 0.015, sampling="log")',
        'hp.Float("l2", 0.01, 0.02, sampling="log")',
    ),
    "constant initializer": (
        'dense["kernel_initializer"] = hp.Choice("initializer", ["glorot_normal", "zeros"])',
        'dense["kernel_initializer"] = hp.Choice("initializer", ["glorot_normal", "he_normal"])',
    ),
    "tiny initializer": (
        'dense["kernel_initializer"] = keras.initializers.RandomNormal(stddev=0.01)',
        'dense["kernel_initializer"] = "glorot_normal"',
    ),
    "relu without He": ('conv = {"activation": "relu"}', 'conv = {"activation": "tanh"}'),
    "flips": (
        "tensor = layers.RandomFlip()(tensor)",
        "tensor = layers.RandomRotation(0.1)(tensor)",
    ),
    "emptied map": ("tensor = layers.MaxPooling2D(2)(tensor)", "pass"),
    "fine-tuning rate": ('hp.Choice("unfreeze_blocks", [0, 1])', 'hp.Choice("blocks", [0, 1])'),
}


@pytest.mark.parametrize("rule", DOUBTS)
def test_a_bad_file_is_told_from_a_good_one(rule: str, tmp_path: Path) -> None:
    bad, good = DOUBTS[rule]
    for line, expected in ((bad, [rule]), (good, [])):
        path = tmp_path / "doubtful.py"
        path.write_text(FILE.replace("LINE", line), encoding="utf-8")
        found = inspection_from(facts_of(load_space(str(path)).space, DataRequest()))
        assert not found.failure
        assert [own.rule for own in lint(found)] == expected
