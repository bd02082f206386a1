"""A schedule is a function of the epoch and the history, and agrees with Keras's own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hpsearch.errors import InputError
from hpsearch.models.schedules import SCHEDULES, LearningRate, Schedule


def shares(schedule, num_epochs, history=None):
    return [schedule.share(epoch, num_epochs, history or {}) for epoch in range(num_epochs)]


def test_constant_stays():
    assert shares(Schedule(), 4) == [1, 1, 1, 1]


def test_step_falls_by_a_tenth_at_each_third_of_the_epochs_however_many_there_are():
    assert shares(Schedule("step"), 6) == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    assert shares(Schedule("step"), 3) == pytest.approx([1, 0.1, 0.01])
    assert shares(Schedule("step", factor=0.5, step_share=0.5), 4) == [1, 1, 0.5, 0.5]


def test_exponential_is_a_straight_line_on_a_logarithmic_scale():
    assert shares(Schedule("exponential", end_share=0.0001), 4) == pytest.approx(
        [1, 0.1, 0.01, 0.001]
    )


def test_cosine_is_half_way_after_half_of_the_epochs():
    assert shares(Schedule("cosine", end_share=0), 4) == pytest.approx(
        [1, 0.5 + 0.5**1.5, 0.5, 0.5 - 0.5**1.5]
    )
    # Half way between 1 and 0.2.
    assert Schedule("cosine", end_share=0.2).share(5, 10, {}) == pytest.approx(0.6)


def test_warm_up_climbs_in_equal_steps_and_is_a_cosine_afterwards():
    found = shares(Schedule("warmup_cosine", warmup_share=0.3, end_share=0), 10)
    assert found[:4] == pytest.approx([0.25, 0.5, 0.75, 1])
    assert found[3:] == pytest.approx(shares(Schedule("cosine", end_share=0), 7))


@pytest.mark.parametrize("num_epochs", [1, 2])
@pytest.mark.parametrize("kind", SCHEDULES)
def test_the_shortest_trainings_have_a_rate_above_0(kind, num_epochs):
    assert all(0 < share <= 1 for share in shares(Schedule(kind), num_epochs))


def test_plateau_falls_when_the_loss_has_stood_still_for_its_patience():
    schedule = Schedule("plateau", factor=0.1, patience=2)
    history = {"val_loss": [1.0, 0.9, 0.95, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6]}
    # Best 0.9 in epoch 1, none better in 2 and 3; best 0.5 in epoch 4, none better in 5 to 8.
    expected = [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01]
    assert shares(schedule, 9, history) == pytest.approx(expected)


def test_plateau_watches_the_training_loss_where_nothing_is_validated():
    schedule = Schedule("plateau", factor=0.5, patience=1)
    assert schedule.share(2, 9, {"loss": [1.0, 1.0]}) == 0.5


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["step", "exponential", "cosine"])
def test_keras_has_the_same_rates(kind):
    from keras.optimizers import schedules

    theirs = {
        "step": schedules.ExponentialDecay(1.0, 4, 0.1, staircase=True),
        "exponential": schedules.ExponentialDecay(1.0, 12, 0.01),
        "cosine": schedules.CosineDecay(1.0, 12, alpha=0.01),
    }[kind]
    assert shares(Schedule(kind), 12) == pytest.approx([float(theirs(e)) for e in range(12)])


@pytest.mark.slow
def test_keras_falls_at_the_same_plateaus():
    import keras
    import numpy as np

    losses = list(np.random.default_rng(5).normal(size=60).round(2) + np.linspace(2, 0, 60))
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=4)
    optimizer = SimpleNamespace(learning_rate=keras.Variable(1.0))
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    theirs = []
    for epoch, loss in enumerate(losses):
        theirs.append(float(np.asarray(optimizer.learning_rate)))
        callback.on_epoch_end(epoch, {"val_loss": loss})
    ours = shares(Schedule("plateau", factor=0.5, patience=4), 60, {"val_loss": losses})
    assert ours == pytest.approx(theirs)
    assert ours[-1] < 0.1


def test_a_learning_rate_is_the_initial_one_times_the_share():
    assert LearningRate(0.4, Schedule("cosine", end_share=0)).at(5, 10, {}) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "cosin"},
        {"factor": 1.0},
        {"step_share": 0},
        {"end_share": 1.5},
        {"kind": "exponential", "end_share": 0},
        {"warmup_share": 1},
        {"patience": 0},
    ],
)
def test_what_no_schedule_can_be_made_of_is_refused(wrong):
    with pytest.raises(InputError):
        Schedule(**wrong)
