"""Importing the package for Keras Tuner users does not load Keras Tuner."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hpsearch.interop


def test_importing_loads_no_tensorflow():
    code = (
        "import sys, hpsearch.interop; from hpsearch.interop import space_from_hyperparameters;"
        "print([m for m in ('tensorflow', 'keras', 'keras_tuner', 'optuna') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Oracle'"):
        _ = hpsearch.interop.Oracle
