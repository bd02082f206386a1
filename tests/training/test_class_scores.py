"""Scores by class agree with scikit-learn's, also with missing classes and in a compiled loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from hpsearch.training.class_scores import accuracy, balanced_accuracy, macro_f1


@pytest.mark.parametrize("seed", range(5))
def test_scores_of_a_confusion_matrix_are_those_of_scikit_learn(seed: int) -> None:
    """Class 4 is nowhere; class 3 is predicted now and then, but never true."""
    generator = np.random.default_rng(seed)
    true, predicted = generator.integers(0, 3, 60), generator.integers(0, 4, 60)
    confusion = metrics.confusion_matrix(true, predicted, labels=range(5))
    assert accuracy(confusion) == pytest.approx(metrics.accuracy_score(true, predicted))
    assert macro_f1(confusion) == pytest.approx(metrics.f1_score(true, predicted, average="macro"))
    recall = metrics.recall_score(true, predicted, average="macro", labels=range(3))
    assert balanced_accuracy(confusion) == pytest.approx(recall)


def test_several_matrices_are_scored_at_once() -> None:
    """The bootstrap scores thousands."""
    stack = np.array([[[3, 1], [0, 4]], [[2, 2], [2, 2]]])
    assert balanced_accuracy(stack) == pytest.approx([0.875, 0.5])
    assert accuracy(stack) == pytest.approx([7 / 8, 1 / 2])


def model_with(head: str, arrays: Any) -> Any:
    """A linear model with one of the usual heads."""
    import keras

    columns = 3 if head in ("softmax", "three logits") else 1
    activation = {"softmax": "softmax", "sigmoid": "sigmoid"}.get(head)
    loss: Any = keras.losses.SparseCategoricalCrossentropy(from_logits=head == "three logits")
    if columns == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=head == "one logit")
    model = keras.Sequential(
        [
            keras.layers.Input(arrays.x_train.shape[1:]),
            keras.layers.Flatten(),
            keras.layers.Dense(columns, activation=activation),
        ]
    )
    model.compile("adam", loss)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("head", ["softmax", "three logits", "sigmoid", "one logit"])
def test_the_loop_reports_scores_by_class_for_every_head(head: str, arrays: Any) -> None:
    """The same as scikit-learn says of the model's predictions, epoch after epoch."""
    from hpsearch.training.loop import EpochLoop

    model = model_with(head, arrays)
    loop = EpochLoop(model, arrays, batch_size=16)
    for epoch in range(2):
        loop.train_epoch(epoch, seed=1)
        logs = loop.evaluate()
        output = model.predict(arrays.x_validation, verbose=0)
        if output.shape[1] == 1:
            predicted = (output[:, 0] > (0.5 if head == "sigmoid" else 0)).astype(int)
        else:
            predicted = output.argmax(axis=1)
        true = arrays.y_validation.numpy()
        expected = metrics.f1_score(true, predicted, average="macro")
        assert logs["val_macro_f1"] == pytest.approx(expected)
        recalls = metrics.recall_score(true, predicted, average=None, labels=[0, 1])
        assert logs["val_balanced_accuracy"] == pytest.approx(recalls.mean())


@pytest.mark.slow
def test_a_test_step_of_ones_own_is_left_as_it_is(arrays: Any) -> None:
    """It says nothing to `compute_metrics`; the predictions are counted all the same."""
    import keras

    from hpsearch.training.loop import EpochLoop

    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.flat = keras.layers.Flatten()
            self.dense = keras.layers.Dense(2, activation="softmax")

        def call(self, images: Any) -> Any:
            return self.dense(self.flat(images))

        def test_step(self, data: Any) -> Any:
            return {"loss": self.compute_loss(y=data[1], y_pred=self(data[0]))}

    model = Own()
    model.compile("adam", "sparse_categorical_crossentropy")
    logs = EpochLoop(model, arrays, batch_size=16).evaluate()
    predicted = model.predict(arrays.x_validation, verbose=0).argmax(axis=1)
    expected = metrics.f1_score(arrays.y_validation.numpy(), predicted, average="macro")
    assert logs["val_macro_f1"] == pytest.approx(expected)


@pytest.mark.slow
def test_a_model_that_gives_images_has_no_scores_by_class(arrays: Any) -> None:
    """An autoencoder is trained as before."""
    import keras

    from hpsearch.training.arrays import TrainingArrays
    from hpsearch.training.loop import EpochLoop

    model = keras.Sequential(
        [keras.layers.Input((6, 6, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    model.compile("adam", "mse")
    own = TrainingArrays(arrays.x_train, arrays.x_train, arrays.x_validation, arrays.x_validation)
    assert set(EpochLoop(model, own, batch_size=16).evaluate()) == {"val_loss"}
