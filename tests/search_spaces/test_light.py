"""Loading the shipped space needs none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

from hpsearch.spaces import find_spaces, load_space


def test_loading_the_space_file_loads_no_heavy_library():
    heavy = ("tensorflow", "keras", "keras_tuner", "optuna", "pandas", "matplotlib")
    code = (
        "import sys; from hpsearch.spaces import load_space; load_space('gtsrb_lenet');"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_listing_says_what_it_is_without_running_it():
    found = find_spaces()["gtsrb_lenet"]
    assert (
        found.summary == "LeNet-style convnets on German traffic signs (GTSRB, 43 classes, 32×32)."
    )
    assert found.dataset == "Gtsrb(image_size=32)"


def test_the_budgets_are_those_of_the_design():
    space = load_space("gtsrb_lenet").space
    assert (space.coarse.trials, space.coarse.epochs) == (60, 5)
    assert (space.fine.trials, space.fine.epochs, space.fine.patience) == (30, 40, 6)
    assert (space.confirm.top, space.confirm.seeds) == (3, 12)
    assert (space.confirm.epochs, space.confirm.patience) == (60, 10)
    assert space.dataset.image_shape == (32, 32, 3)
    assert space.dataset.num_classes == 43
