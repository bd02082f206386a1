"""A way to run programs on a GPU, each in a process of its own: TensorFlow keeps its settings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from hpsearch.execution.devices import visible_gpus
from hpsearch.execution.nvidia import Gpu, has_libraries

OnGpu = Callable[..., Any]


@pytest.fixture(scope="session")
def gpus() -> list[Gpu]:
    """The GPUs that can be used; without one these tests fail, as they prove nothing."""
    found = visible_gpus()
    assert found, "make test-gpu needs an NVIDIA GPU; see `hpsearch doctor`"
    assert has_libraries(), "CUDA's libraries are missing: make install GPU=1"
    return found


@pytest.fixture
def on_gpu(gpus: list[Gpu]) -> OnGpu:
    """Runs a program and returns the JSON in the last line it prints."""

    def run(program: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    return run
