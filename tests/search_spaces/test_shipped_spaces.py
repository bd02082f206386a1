"""Every shipped space declares what the course names, builds where it is sampled, and trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hpsearch.errors import Infeasible
from hpsearch.execution.inspection import inspection_from
from hpsearch.execution.inspection_process import facts_of
from hpsearch.execution.study_plan import DataRequest
from hpsearch.interop import hyperparameters_from_space
from hpsearch.models import BACKBONES
from hpsearch.search import make_sampler
from hpsearch.spaces import SearchSpace, Space, find_spaces, load_space
from hpsearch.stages.lint import lint
from hpsearch.training.arrays import make_arrays
from hpsearch.training.hyperparameters import LiveHyperParameters, declare
from hpsearch.training.process import clear
from hpsearch.training.trial import TrialSettings, run_trial

pytestmark = pytest.mark.slow  # TensorFlow

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "search_spaces").glob("*.py"))
STAND_INS = {
    "cifar10_dropout": ((32, 32, 3), 10),
    "dogs_vs_cats_convnet": ((64, 64, 3), 2),
    "dogs_vs_cats_vgg16": ((64, 64, 3), 2),
    "fashion_cnn": ((28, 28, 1), 10),
    "gtsrb_lenet": ((32, 32, 3), 43),
    "gtsrb_vgg16": ((32, 32, 3), 43),
    "initialization_lenet": ((28, 28, 1), 10),
    "mnist_dropout": ((28, 28, 1), 10),
    "mnist_lenet": ((28, 28, 1), 10),
}
"""Shape and classes of a small array file; the others need none."""

KINDS = ("standard", "spatial", "feature_max", "channel_max")
MNIST_RATES = {"standard": 0.2, "spatial": 0.1, "feature_max": 0.2, "channel_max": 0.5}
CIFAR_RATES = {"standard": 0.1, "spatial": 0.05, "feature_max": 0.2, "channel_max": 0.7}


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """New weights in the place of ImageNet's."""
    import keras

    folder = tmp_path_factory.mktemp("weights")
    for name in ("vgg16", "mobilenet", "resnet50"):
        application = getattr(keras.applications, BACKBONES[name].application)
        base = application(include_top=False, weights=None, input_shape=(32, 32, 3))
        base.save_weights(folder / f"{name}_notop.weights.h5")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HPSEARCH_WEIGHTS_DIR", str(folder))
        yield


def source_for(name: str, folder: Path) -> str | None:
    """Small data of the form that the space is written for; None where they are built in."""
    if name in ("flowers_lenet", "flowers_vgg16", "folder_transfer"):
        return str(flowers(folder / "flowers"))
    if name not in STAND_INS:
        return None
    shape, num_classes = STAND_INS[name]
    random, number = np.random.default_rng(0), 4 * num_classes
    images = random.integers(0, 256, (number, *shape), dtype=np.uint8)
    labels = np.arange(number) % num_classes
    np.savez(folder / "small.npz", x=images, y=labels)
    return str(folder / "small.npz")


def flowers(folder: Path) -> Path:
    """80 small files of each of four kinds."""
    random = np.random.default_rng(0)
    for kind in "abcd":
        (folder / kind).mkdir(parents=True)
        for number in range(80):
            pixels = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / kind / f"{number}.png")
    return folder


def with_data(name: str, folder: Path) -> tuple[SearchSpace, DataRequest]:
    """A shipped space with small data."""
    space, request = load_space(name).space, DataRequest(source_for(name, folder))
    request.bind(space)
    return space, request


def declared(name: str, folder: Path) -> Space:
    found, failure = declare(with_data(name, folder)[0])
    assert failure is None
    return found


def test_all_of_the_shipped_spaces_are_found_and_described() -> None:
    """Ten and more, each with a sentence and its data set."""
    found = find_spaces()
    assert len(SHIPPED) >= 10
    for name in SHIPPED:
        assert found[name].summary.endswith((".", ")")), name
        assert found[name].dataset


QUICK = ("digits_mlp", "flowers_lenet")
"""Trained in `make test`; the others take half a minute together."""
TRAINED = [name if name in QUICK else pytest.param(name, marks=pytest.mark.all) for name in SHIPPED]


@pytest.mark.parametrize("name", TRAINED)
def test_a_trial_of_every_space_completes(name: str, tmp_path: Path) -> None:
    """One epoch with the defaults, on real data where they are built in."""
    space, request = with_data(name, tmp_path)
    data = request.load(space)
    assert data is not None
    arrays = make_arrays(data)
    clear()
    outcome = run_trial(
        space, LiveHyperParameters(Space(), {}), arrays, TrialSettings(epochs=1), seed=1
    )
    assert outcome.state == "complete", outcome.message
    assert outcome.value is not None
    assert 0 <= outcome.value <= 1


@pytest.mark.parametrize("name", SHIPPED)
def test_sampled_points_build_and_widening_stays_around_them(name: str, tmp_path: Path) -> None:
    space, _ = with_data(name, tmp_path)
    found, failure = declare(space)
    assert failure is None
    sampler = make_sampler("random", found, seed=3)
    for index in range(3):
        try:
            model = space(hyperparameters_from_space(found, sampler.propose(index).params))
        except Infeasible:
            continue
        assert model.built
    for limited, (low, high) in space.limits.items():
        own: Any = found.named(limited)[0]
        assert low <= own.low < own.high <= high


WARNED = {
    "gtsrb_lenet": ["tiny initializer"] * 2,
    "initialization": ["constant initializer", "tiny initializer"],
    "initialization_lenet": ["constant initializer", "tiny initializer"],
}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_spaces_lint_cleanly_or_say_in_the_file_why_not(name: str, tmp_path: Path) -> None:
    space, request = with_data(name, tmp_path)
    advice = lint(inspection_from(facts_of(space, request)))
    assert [own.rule for own in advice] == WARNED.get(name, [])
    text = (ROOT / "search_spaces" / f"{name}.py").read_text(encoding="utf-8")
    assert ("`hpsearch lint` warns of" in text) == bool(advice)


@pytest.mark.parametrize(
    ("name", "rates"), [("mnist_dropout", MNIST_RATES), ("cifar10_dropout", CIFAR_RATES)]
)
def test_the_best_rates_of_the_paper_are_in_the_dropout_spaces(
    name: str, rates: Mapping[str, float], tmp_path: Path
) -> None:
    """Six kinds and none; the stochastic ones with the paper's centres and spreads."""
    space = declared(name, tmp_path)
    defaults = {k: v for k, v in space.defaults().items() if k not in ("rate", "spread")}
    normal, uniform = (
        ((0.2, 0.05), (0.2, 0.1)) if name == "mnist_dropout" else ((0, 0.2), (0.2, 0.2))
    )
    points: list[dict[str, Any]] = [{"dropout_kind": "none"}]
    points += [{"dropout_kind": kind, "rate": rates[kind]} for kind in KINDS]
    for kind, (rate, spread) in (("normal", normal), ("uniform", uniform)):
        points.append({"dropout_kind": f"stochastic_{kind}", "rate": float(rate), "spread": spread})
    for point in points:
        assert space.contains({**defaults, **point}), point


def test_the_initialization_spaces_hold_the_initializers_and_factors_of_the_course(
    tmp_path: Path,
) -> None:
    """0, 0.01·rand, rand, Xavier and He; sigmoid, tanh and ReLU; λ of 0.001, 0.01 and 0.1."""
    course = {"zeros", "normal_0.01", "normal_1", "glorot_normal", "he_normal"}
    for name, own in (
        ("initialization", "initializer"),
        ("initialization_lenet", "conv_initializer"),
    ):
        space = declared(name, tmp_path)
        initializers: Any = space.named(own)[0]
        activations: Any = space.named("activation")[0]
        l2: Any = space.named("l2")[0]
        assert set(initializers.values) == course
        assert set(activations.values) == {"sigmoid", "tanh", "relu"}
        assert l2.low <= 0.001
        assert l2.high >= 0.1


def test_the_augmentation_of_the_flowers_is_the_course_s(tmp_path: Path) -> None:
    """±20° and ±5 pixels of whatever size, and none where it is off."""
    space, _ = with_data("flowers_lenet", tmp_path)
    found, _ = declare(space)
    on = random_layers(space(hyperparameters_from_space(found, {"image_size": 48})))
    assert on["RandomRotation"].factor == pytest.approx((-20 / 360, 20 / 360))
    assert on["RandomTranslation"].height_factor == pytest.approx(5 / 48)
    assert not random_layers(space(hyperparameters_from_space(found, {"augmentation": False})))


def random_layers(model: Any) -> dict[str, Any]:
    """The layers that change training images, by their class."""
    kinds = {type(layer).__name__: layer for layer in model.layers}
    return {name: layer for name, layer in kinds.items() if name.startswith("Random")}


def test_the_default_of_dogs_and_cats_is_the_course_s_network(tmp_path: Path) -> None:
    """150 pixels, 8,192 → 256 → dropout 0.5 → 1: 2,097,665 trained parameters."""
    space = load_space("dogs_vs_cats_vgg16").space
    found, _ = declare(space)
    model = space(hyperparameters_from_space(found, {}))
    assert model.input_shape == (None, 150, 150, 3)
    trained = sum(int(np.prod(own.shape)) for own in model.trainable_weights)
    assert trained == 2_097_665
    assert model.get_layer("dropout").rate == 0.5
    rate: Any = found.named("fine_tuning_rate")[0]
    assert rate.default == pytest.approx(1e-5)
    assert rate.low * rate.high == pytest.approx(rate.default**2)
