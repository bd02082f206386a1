"""GPUs as the driver, the environment and TensorFlow see them, and what to do if they differ."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.doctor.accelerators import check_gpus, check_precision, check_speed
from hpsearch.execution.nvidia import Gpu

A100 = Gpu("GPU-1", "NVIDIA A100", 40960, "550.54.15", 8.0)
OLD = Gpu("GPU-1", "NVIDIA A100", 40960, "470.82.01", 8.0)


def seen(gpus: int, cuda: str | None = "12.5.1") -> dict[str, Any]:
    return {"gpus": gpus, "cuda": cuda}


def test_no_gpu_is_no_problem() -> None:
    """Most of those who try this have none."""
    check = check_gpus([], [], seen(0), libraries_installed=False)
    assert (check.verdict, check.found) == ("ok", "none; training uses the processor's cores")


def test_hidden_gpus_are_counted() -> None:
    """CUDA_VISIBLE_DEVICES= left behind in a shell is easily forgotten."""
    check = check_gpus([A100], [], seen(0), libraries_installed=True)
    assert check.found.startswith("none (1 GPU hidden)")


def test_a_gpu_that_both_see_is_well() -> None:
    """With model, memory and driver."""
    check = check_gpus([A100], [A100], seen(1), libraries_installed=True)
    assert check.verdict == "ok"
    assert check.found == "NVIDIA A100 GPU-1 (40 GiB, driver 550.54.15)"


def test_one_of_two_gpus_missing_is_a_problem() -> None:
    """Workers would be given both."""
    check = check_gpus([A100, A100], [A100, A100], seen(1), libraries_installed=True)
    assert check.verdict == "problem"
    assert check.found.startswith("TensorFlow sees 1 of 2 GPUs")


@pytest.fixture(autouse=True)
def _nobody_names_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("gpu", "cuda", "libraries", "advice"),
    [
        (A100, "12.5.1", False, "make install GPU=1"),
        (OLD, "12.5.1", True, "470.82.01 is older than 525"),
        (A100, None, True, "without CUDA"),
        (A100, "12.5.1", True, "nvidia-smi"),
        (Gpu("0"), "12.5.1", False, "make install GPU=1"),
    ],
)
def test_what_to_do_depends_on_what_is_missing(
    gpu: Gpu, cuda: str | None, libraries: bool, advice: str
) -> None:
    """Libraries, a newer driver, another TensorFlow, or a look at the GPU itself.

    Without libraries the processor is used, unless somebody has named a GPU.
    """
    check = check_gpus([gpu], [gpu], seen(0, cuda), libraries_installed=libraries)
    assert check.verdict == ("problem" if libraries else "warning")
    assert advice in check.advice


def test_a_gpu_that_was_named_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names it does not want the processor instead."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert check_gpus([A100], [A100], seen(0), libraries_installed=False).verdict == "problem"


def test_gains_of_lower_precisions_are_told() -> None:
    """3000 against 2000 images a second: 1.5 times."""
    speeds = {"float32": 2000.0, "mixed_bfloat16": 3000.0}
    check = check_precision({"precisions": ["mixed_bfloat16"], "images_per_second": speeds})
    assert check.found == "float32, mixed_bfloat16 (1.50×) in the timed step"
    none = check_precision({"precisions": [], "images_per_second": {"float32": 1.0}})
    assert none.found == "float32 only"


def test_a_slow_machine_is_told_with_its_threads() -> None:
    """A small convnet does thousands of images a second on one core."""
    check = check_speed({"float32": 123.4}, 2, on_gpu=False)
    assert check.verdict == "warning"
    assert check.found == "123 images/s in float32 (LeNet, 32×32) with 2 threads"
