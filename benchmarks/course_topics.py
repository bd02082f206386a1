"""What is said of each comparison on the page, and how its figures are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Entry = Mapping[str, Any]
Value = Callable[[Entry], float]
BEST_OF_GROUP = "the best of its network and activation in the course"


class Topic(NamedTuple):
    """A comparison on the page.

    Args:
        title: Its heading.
        text: What was compared, on what, and how it differs from the course's.
        value: Our figure of one seed; more is better.
        shown: The figure as it is shown, from `value`.
        unit: Of differences.
        baseline: The setting the others are compared with; empty to compare with chance.
        course: How the course's figure is shown.
        cells: The comparison whose cells it looks at; empty for its own.
    """

    title: str
    text: str
    value: Value
    shown: Callable[[float], float] = lambda value: value
    unit: str = ""
    baseline: str = ""
    course: Callable[[float], str] = lambda figure: f"{figure:.3g}"
    cells: str = ""


def last(entry: Entry) -> float:
    """Accuracy after the last epoch."""
    return float(entry["test"][-1])


def percent(entry: Entry) -> float:
    """The same in percent."""
    return 100 * last(entry)


def error(value: float) -> float:
    """Percent of errors."""
    return 100 - value


ERROR: dict[str, Any] = {
    "value": percent,
    "shown": error,
    "unit": " points of accuracy",
    "baseline": "none",
    "course": lambda figure: f"{-figure:g} %",
}
TOPICS = {
    "toy initialization": Topic(
        "Initialization on points in the plane",
        """Test accuracy of dense networks on our made-up spirals (`--data spirals`): 1,000 points
        to train on, 1,000 to test on; the course's toy is another. First network: one hidden layer
        of 20; second: four of 20 (the course does not say what its are). SGD with momentum 0.9 at
        0.05, 80 epochs. *Agrees* means that it learns (above .35, chance being .25) where it does
        in the course.""",
        last,
    ),
    "toy initialization, ranks": Topic(
        "Which initializer is better, among those that learn",
        """The same figures, each compared with the one that is best in the course for that network
        and activation.""",
        last,
        baseline=BEST_OF_GROUP,
        cells="toy initialization",
    ),
    "toy L2": Topic(
        "L2 and the smoothness of regions",
        """How much border there is between the regions of a tanh network (20, 20) on the same
        points: the share of neighbouring places of a 60 × 60 grid that get different classes. The
        course shows pictures: the larger λ, the smoother. Compared with λ = 0.001.""",
        lambda entry: float(entry["border"]),
        baseline="λ = 0.001",
        course=lambda rank: "smoother" if rank < 0 else "",
    ),
    "batch normalization": Topic(
        "Batch normalization",
        """Test accuracy of LeNet (1998 form) on 5,000 of MNIST's digits after 10 epochs, Adam at
        0.001, 5,000 digits to test on. The course trains on all 60,000.""",
        last,
        baseline="LeNet",
    ),
    "batch normalization, first epoch": Topic(
        "Batch normalization makes training converge faster",
        """Training accuracy over the first epoch of the same (79 steps). Judged on test images
        after that epoch it would be worse with batch norm: the moving averages that it then uses
        (Keras's momentum of 0.99) still hold much of what they began with. Short trials on small
        sets undervalue it for this reason.""",
        lambda entry: float(entry["train_each"][0]),
        baseline="LeNet",
        course=lambda figure: "faster" if figure > 0.98 else "",
        cells="batch normalization",
    ),
    "LeNet initialization": Topic(
        "Initialization of a LeNet's convolutions",
        """Test accuracy on 5,000 of MNIST's digits, 5,000 to test on, 6 epochs of SGD with momentum
        0.9 at 0.01; the dense layers are initialized by Glorot throughout. Compared with He.""",
        last,
        baseline="He",
    ),
    "augmentation, digits": Topic(
        "Augmentation on 320 images: digits standing in for flowers",
        """Test accuracy of LeNet on 80 of MNIST's digits of each of four classes, drawn anew by
        each seed, 2,000 others to test on; rotation by up to 20°, shift by up to 5 pixels (of 28),
        80 epochs of Adam at 0.001.""",
        last,
        baseline="without augmentation",
    ),
    "augmentation, clothes": Topic(
        "Augmentation on 320 images: clothes standing in for flowers",
        """The same on Fashion-MNIST (t-shirt, trousers, pullover, dress). Its pictures are upright
        and fill their frame, so that rotating and shifting them leads away from the test images,
        where the course's photos of flowers vary in both.""",
        last,
        baseline="without augmentation",
    ),
    "doubled LeNet": Topic(
        "Twice the filters and units: built-in signs standing in for GTSRB",
        """Best validation accuracy of 5 epochs, Adam at 0.001, on 8,000 *built-in synthetic signs*,
        2,000 of other tracks to validate; each seed has its own split. The course's split is
        39,209 photos to 8,000.""",
        lambda entry: max(entry["test"]),
        baseline="network 1",
    ),
    "dropout, MNIST": Topic(
        "Kinds of dropout on MNIST",
        """Test error of a LeNet of twice the width on 5,000 of MNIST's digits, 5,000 to test on, 10
        epochs of Adam at 0.001; dropout behind every hidden layer, at the paper's best rates. The
        paper has another network and all 60,000 digits. Compared with none.""",
        **ERROR,
    ),
    "dropout, clothes": Topic(
        "Kinds of dropout: clothes standing in for CIFAR-10",
        """Test error of a convnet (16, 32, 32 filters, dense 64) on 5,000 pictures of
        Fashion-MNIST, 10,000 to test on, 8 epochs of Adam at 0.001; the paper's best rates for
        CIFAR-10, whose errors are those of the course. Compared with none.""",
        **ERROR,
    ),
}

HEAD = """# The course's comparisons, repeated

Written by `python benchmarks/course.py --data-folder FOLDER --seeds {seeds}`.

The course's figures are its own, on its own data. Ours stand beside them, on what can be had
without a download, with fewer images and shorter training, so the figures themselves are not
expected to be equal: compared is what they say.

Ours are mean ± standard deviation over {seeds} seeds, trained on one thread of a machine with
{cpus} processors ({machine}), {dates}. **yes**: the difference has the course's sign, and its
95 % interval (Welch) leaves out 0. **no**: it has the other sign, likewise. *not told apart*:
{seeds} seeds do not tell, which is no agreement. Each statement is judged alone: of forty that
are not so, two would be expected to look as if they were, or the opposite.
"""
