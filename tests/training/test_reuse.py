"""A trial that is trained by the graphs of an earlier one is what it would be by its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, optimizers, regularizers

from hpsearch.data import Fold, Preprocessing
from hpsearch.models import dropout_layers
from hpsearch.models.fine_tuning import FineTuning
from hpsearch.models.optimizers import Training
from hpsearch.preparation import Recipe
from hpsearch.preparation.normalization_layers import TrainingScaling
from hpsearch.spaces import Space
from hpsearch.training import behind_cut as cutting
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.failures import Diverged
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.loop import EpochLoop
from hpsearch.training.process import clear
from hpsearch.training.progress import Progress
from hpsearch.training.reuse import GRAPH_BYTES, LoopCache
from hpsearch.training.trial import Outcome, TrialSettings, run_trial

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (60, 8, 8, 2), np.uint8)
LABELS = GENERATOR.integers(0, 3, 60).astype(np.int32)
SETTINGS = TrialSettings(epochs=3, batch_size=16)
FOLDS = (
    Fold(np.arange(0, 40), np.arange(40, 60), Preprocessing("unit")),
    Fold(np.arange(20, 60), np.arange(0, 20), Preprocessing("unit")),
)
Build = Callable[..., Any]
ARRAYS = TrainingArrays(
    tf.constant(IMAGES[:40]),
    tf.constant(LABELS[:40]),
    tf.constant(IMAGES[40:]),
    tf.constant(LABELS[40:]),
    Preprocessing("unit"),
)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and a probe that finds cuts worth it, whatever the machine is doing."""
    monkeypatch.setenv("HPSEARCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cutting, "measured_gain", lambda *_: 2.0)
    monkeypatch.setattr(cutting, "_GAINS", {})
    clear()  # names of layers count those of earlier tests otherwise


def network(*middle: Any, optimizer: Any = "adam", units: int = 4, **compiled: Any) -> Any:
    stack = [keras.Input((8, 8, 2)), *middle, layers.Flatten()]
    last = layers.Dense(units, activation="relu"), layers.Dense(3, activation="softmax")
    model = keras.Sequential([*stack, *last])
    said = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]} | compiled
    model.compile(optimizer, **said)
    return model


def run(
    build: Callable[[Any], Any],
    loops: LoopCache | None,
    seed: int = 1,
    arrays: TrainingArrays = ARRAYS,
    settings: TrialSettings = SETTINGS,
    on_epoch: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    hp, chosen = LiveHyperParameters(Space(), {}), replace(settings, loops=loops)
    outcome = run_trial(build, hp, arrays, chosen, seed, on_epoch)
    if outcome.state == "complete":
        outcome.progress.complete_whole(with_optimizer=True)
    clear()
    if loops is not None:
        loops.tidy()
    return outcome


def assert_same_when_reused(
    make: Build, first: Any, second: Any, arrays: TrainingArrays = ARRAYS, **settings: Any
) -> None:
    """The second trial, by the graphs of the first, is to the bit the same trial on its own."""
    loops, chosen = LoopCache(), replace(SETTINGS, **settings)
    before = run(lambda hp: make(first), loops, 1, arrays, chosen)
    reused = run(lambda hp: make(second), loops, 2, arrays, chosen).progress
    own = run(lambda hp: make(second), None, 2, arrays, chosen).progress
    assert before.state == "complete", before.message
    assert not before.progress.reused
    assert reused.reused
    assert reused.history == own.history
    assert before.progress.history != own.history
    for ours, theirs in zip(reused.whole.weights, own.whole.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def everything(values: tuple[float, ...]) -> Any:
    """A network with many numbers that are assigned."""
    rate, l2, momentum, learning_rate = values
    return network(
        TrainingScaling("standardize"),
        layers.Conv2D(3, 3, kernel_regularizer=regularizers.L1L2(l2 / 2, l2)),
        layers.BatchNormalization(),
        layers.SpatialDropout2D(rate / 2),
        dropout_layers.StochasticDropout(rate, rate / 3),
        layers.Dropout(rate),
        optimizer=optimizers.SGD(learning_rate, momentum=momentum, nesterov=True),
    )


FIRST, SECOND = (0.2, 1e-3, 0.9, 0.01), (0.5, 0.1, 0.5, 0.1)


def test_a_reused_graph_gives_the_losses_and_weights_of_a_new_one() -> None:
    assert_same_when_reused(everything, FIRST, SECOND)


def test_numbers_that_are_assigned_give_what_keras_gives() -> None:
    """A loop without any of it trains the same model to the same losses."""
    keras.utils.set_random_seed(5)
    model = everything(SECOND)
    loop = EpochLoop(model, ARRAYS, 16)
    plain = [loop.train_epoch(epoch, 5)["loss"] for epoch in range(3)]
    clear()
    assigned = run(lambda hp: everything(SECOND), None, 5).progress.history["loss"]
    assert assigned == pytest.approx(plain, rel=1e-6)


@pytest.mark.all
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "make",
    [
        lambda x: network(layers.Dropout(x)),
        lambda x: network(layers.SpatialDropout2D(x)),
        lambda x: network(layers.GaussianDropout(x)),
        lambda x: network(layers.AlphaDropout(x)),
        lambda x: network(layers.GaussianNoise(x)),
        lambda x: network(dropout_layers.FeatureMaxDrop(x)),
        lambda x: network(dropout_layers.ChannelMaxDrop(x)),
        lambda x: network(dropout_layers.StochasticDropout(x, x / 2, "uniform")),
        lambda x: network(layers.Dense(3, kernel_regularizer=regularizers.L1(x))),
        lambda x: network(layers.Dense(3, bias_regularizer=regularizers.L2(x))),
        lambda x: network(layers.Dense(3, activity_regularizer=regularizers.L2(x))),
        lambda x: network(layers.RandomRotation(0.1), layers.Dropout(x)),
        lambda x: network(layers.RandomTranslation(0.1, 0.1), layers.RandomZoom(0.1)),
        lambda x: network(layers.RandomContrast(0.2), layers.RandomFlip()),
        lambda x: network(optimizer=optimizers.SGD(x)),
        lambda x: network(optimizer=optimizers.SGD(0.1, momentum=x, weight_decay=x / 10)),
        lambda x: network(optimizer=optimizers.Adam(x / 10, beta_1=x, beta_2=1 - x / 100)),
        lambda x: network(optimizer=optimizers.Adam(0.01, clipnorm=x)),
        lambda x: network(optimizer=optimizers.Adam(0.01, clipvalue=x / 10)),
        lambda x: network(optimizer=optimizers.Adam(0.01, global_clipnorm=x)),
        lambda x: network(optimizer=optimizers.AdamW(0.01, weight_decay=x)),
        lambda x: network(optimizer=optimizers.Nadam(0.01, beta_1=x, epsilon=x / 1000)),
        lambda x: network(optimizer=optimizers.Adamax(x / 10)),
        lambda x: network(optimizer=optimizers.Adagrad(x / 10)),
        lambda x: network(optimizer=optimizers.Adadelta(x)),
        lambda x: network(optimizer=optimizers.Ftrl(x / 10)),
        lambda x: network(optimizer=optimizers.Lion(x / 100, beta_1=x)),
        lambda x: network(optimizer=optimizers.RMSprop(0.01, rho=x, momentum=x / 2)),
        lambda x: network(optimizer=optimizers.RMSprop(x / 100, centered=True)),
        lambda x: network(
            loss=keras.losses.CategoricalCrossentropy(label_smoothing=x),
            metrics=["categorical_accuracy", "accuracy"],
        ),
        lambda x: Recipe(rebalance="class_weights").attach(network(layers.Dropout(x))),
        lambda x: Recipe(rebalance="oversample").attach(network(layers.Dropout(x))),
        lambda x: Recipe(mixup=0.3, cutmix=0.5).attach(
            network(layers.Dropout(x), loss="categorical_crossentropy")
        ),
    ],
)
def test_it_is_so_for_every_part_that_spaces_use(make: Build) -> None:
    assert_same_when_reused(make, 0.2, 0.45)


@pytest.mark.all
@pytest.mark.timeout(300)
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_it_is_so_in_mixed_precision(precision: str) -> None:
    from hpsearch.training.precision import Arithmetic

    assert_same_when_reused(everything, FIRST, SECOND, arithmetic=Arithmetic(precision))


def test_it_is_so_on_folds() -> None:
    """Each fold has its statistics, weights and optimizer."""
    pool = replace(
        ARRAYS,
        x_train=tf.constant(IMAGES),
        y_train=tf.constant(LABELS),
        x_validation=tf.constant(IMAGES),
        y_validation=tf.constant(LABELS),
        folds=FOLDS,
    )
    assert_same_when_reused(everything, FIRST, SECOND, pool)


def in_two_phases(values: tuple[float, ...], *, is_augmented: bool = False) -> Any:
    """A frozen base, its later half unfrozen after an epoch, and a head with dropout."""
    rate, learning_rate = values
    keras.utils.set_random_seed(11)  # the base is the same, as pretrained weights are
    base = [layers.Conv2D(4, 3, name="early"), layers.Conv2D(4, 3, name="late")]
    for layer in base:
        layer.trainable = False
    first = [layers.RandomFlip(seed=1)] if is_augmented else []
    model = network(*first, *base, layers.Dropout(rate), optimizer=optimizers.Adam(learning_rate))
    second = Training(optimizer="rmsprop", learning_rate=learning_rate / 10)
    model.fine_tuning = FineTuning(("late",), 1, second)
    return model


def probed(*given: Any) -> float:
    """The probe, which builds the optimizer of the part, finds every cut worth it."""
    assert PROBE(*given) > 0
    return 2.0


PROBE = cutting.measured_gain


@pytest.mark.parametrize("is_augmented", [False, True])
def test_it_is_so_in_both_phases_of_a_transfer(
    is_augmented: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind two cuts, or with the whole model in both phases."""
    monkeypatch.setattr(cutting, "measured_gain", probed)

    def make(values: tuple[float, ...]) -> Any:
        return in_two_phases(values, is_augmented=is_augmented)

    assert_same_when_reused(make, (0.2, 1e-2), (0.4, 1e-3))


def test_what_is_resumed_on_a_reused_graph_goes_on_as_it_was() -> None:
    from hpsearch.training.snapshot import take_snapshot

    kept = []

    def note(progress: Progress) -> None:
        kept.append(take_snapshot(progress))

    whole = run(lambda hp: everything(SECOND), None, 3, on_epoch=note).progress.history
    loops, hp = LoopCache(), LiveHyperParameters(Space(), {})
    run(lambda hp: everything(FIRST), loops)
    outcome = run_trial(
        lambda _: everything(SECOND), hp, ARRAYS, replace(SETTINGS, loops=loops), 3, resume=kept[0]
    )
    assert outcome.progress.reused
    assert outcome.progress.history == whole


def test_after_a_divergence_the_graph_is_as_good_as_new() -> None:
    """Weights of NaN are nothing that the next trial sees."""
    loops = LoopCache()

    def diverge(_: Progress) -> None:
        raise Diverged("loss became nan")

    def spoil(hp: Any) -> Any:
        model = everything(FIRST)
        model.layers[-1].kernel.assign(np.full(model.layers[-1].kernel.shape, np.nan))
        return model

    assert run(spoil, loops).failure == "diverged"
    again = run(lambda hp: everything(SECOND), loops, 2).progress
    assert again.reused
    assert again.history == run(lambda hp: everything(SECOND), None, 2).progress.history


def test_a_trial_that_failed_leaves_no_graph_behind() -> None:
    """Whatever it was may happen again, and memory may be short."""
    loops = LoopCache()

    def fail(_: Progress) -> None:
        raise RuntimeError("the machine is on fire")

    assert run(lambda hp: network(), loops, on_epoch=fail).state == "failed"
    assert not run(lambda hp: network(), loops).progress.reused


def test_the_least_recently_used_gives_way() -> None:
    loops = LoopCache(most_bytes=2 * GRAPH_BYTES + 100_000)

    def is_reused(units: int) -> bool:
        return run(lambda hp: network(units=units), loops).progress.reused

    assert [is_reused(units) for units in (2, 3, 2, 4, 2, 3)] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]


def test_what_weighs_too_much_gives_way() -> None:
    loops = LoopCache(most_bytes=GRAPH_BYTES + 3000)

    def is_reused(units: int) -> bool:
        return run(lambda hp: network(units=units), loops).progress.reused

    assert [is_reused(units) for units in (2, 1, 2)] == [False, False, False]
    assert is_reused(2), "one is kept, however much it weighs"


def test_other_images_have_loops_of_their_own() -> None:
    loops = LoopCache()
    other = replace(ARRAYS, x_train=tf.constant(IMAGES[:30]), y_train=tf.constant(LABELS[:30]))
    run(lambda hp: network(), loops)
    again = run(lambda hp: network(), loops, arrays=other).progress
    assert not again.reused
    assert again.history == run(lambda hp: network(), None, arrays=other).progress.history


def test_a_model_with_code_of_its_own_is_traced_for_every_trial() -> None:
    class Own(layers.Dropout):
        """A layer whose code nobody here knows."""

    loops = LoopCache()
    for rate in (0.2, 0.5):
        build = lambda hp, rate=rate: network(Own(rate))  # noqa: E731
        ours, own = run(build, loops).progress, run(build, None).progress
        assert not ours.reused
        assert ours.history == own.history


def test_the_batch_size_may_differ() -> None:
    loops = LoopCache()
    run(lambda hp: network(), loops)
    settings = replace(SETTINGS, batch_size=7)
    again = run(lambda hp: network(), loops, settings=settings).progress
    assert again.reused
    assert again.history == run(lambda hp: network(), None, settings=settings).progress.history
