"""Images with what the winner's model says of them: some at random, and the worst ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.image_predictions import CERTAIN
from hpsearch.counting import count_of
from hpsearch.problems import CLASSIFICATIONS, ONE_CLASS
from hpsearch.report.figures.canvas import BLUE, INK, ORANGE, WIDTH, number, shorten
from hpsearch.report.winner_views import class_name, origin_of, seen_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.analysis.winner_view import WinnerView
    from hpsearch.storage.study_view import StudyView

PER_ROW = 7
MOST_ASPECT = 1.5
"""Height of an image by its width, as far as a row becomes higher for it."""
LONGEST = 17
"""Letters of a name below an image."""
RIGHT, WRONG = "✓", "✗"
ONLY_CLASSES = {
    "many_labels": "There is no confusion matrix, as an image may have several labels.",
    "regression": "There are no classes: no confusion matrix, no calibration.",
}


class Shown(NamedTuple):
    """An image and what is said of it.

    Args:
        pixels: (height, width, 3 or 1), uint8.
        truth: What is true, in words.
        said: What the model says, in one or two lines.
        is_right: Whether that is so; None for regression.
    """

    pixels: NDArray[np.uint8]
    truth: str
    said: Sequence[str]
    is_right: bool | None


class WinnerImagesInfo(NamedTuple):
    """Some images.

    Args:
        missing: Why there is nothing to draw.
        origin: Whose model, on which images.
        images: What is drawn.
        words: What is to be seen, for the caption.
    """

    missing: str
    origin: str = ""
    images: Sequence[Shown] = ()
    words: str = ""

    @property
    def caption(self) -> str:
        return f"{self.origin} {self.words}"

    @property
    def size(self) -> tuple[float, float]:
        height, width = self.images[0].pixels.shape[:2]
        lines = 1 + max(len(own.said) for own in self.images)
        row = 0.35 + 0.15 * lines + WIDTH / PER_ROW * min(height / width, MOST_ASPECT)
        return (WIDTH, 0.3 + row * -(-len(self.images) // PER_ROW))


def sample_images_info(view: StudyView) -> WinnerImagesInfo:
    """Images drawn at random; says also which pictures there cannot be."""
    seen = seen_of(view)
    notes = _notes(seen)
    if reason := seen.why_not("images", "sample_images"):
        return WinnerImagesInfo(" ".join(dict.fromkeys([reason, *notes])))
    shown = list(_shown(seen, "sample"))
    judged = [own.is_right for own in shown if own.is_right is not None]
    right = f" {sum(judged)} of these {len(judged)} are right." if judged else ""
    words = f"Images drawn at random: above each what is true, below what the model says.{right}"
    return WinnerImagesInfo("", origin_of(seen, view), shown, " ".join([words, *notes]))


def worst_images_info(view: StudyView) -> WinnerImagesInfo:
    """Those with the highest losses."""
    seen = seen_of(view)
    reason = seen.why_not("images", "worst_images")
    if reason or seen.predictions is None:
        return WinnerImagesInfo(reason)
    shown = list(_shown(seen, "worst"))
    words = (
        f"The {count_of(len(shown), 'image')} with the highest loss, worst first."
        f"{_how_many_wrong(seen.predictions)} Look whether these are hard to see, of a rare kind, "
        "or labelled wrongly."
    )
    return WinnerImagesInfo("", origin_of(seen, view), shown, words)


def _how_many_wrong(facts: Mapping[str, Any]) -> str:
    if facts["problem"] not in CLASSIFICATIONS:
        return ""
    wrong, certain = (int(facts["scores"][name]) for name in ("num_wrong", "certainly_wrong"))
    if not wrong:
        return " No image is wrong; these are the least certain."
    told = f" In all {count_of(wrong, 'image is', 'images are')} wrong"
    if facts["problem"] in ONE_CLASS:
        told += f", {certain:,} of them with a probability above {CERTAIN:.0%}"
    return f"{told}."


def _notes(seen: WinnerView) -> list[str]:
    """Why other pictures are not there."""
    if seen.failure:
        return []
    problem = seen.predictions["problem"] if seen.predictions else ""
    only = ONLY_CLASSES.get(problem.removesuffix("_0_1"), "")
    return list(dict.fromkeys(filter(None, [only, *seen.without.values()])))


def _shown(seen: WinnerView, name: str) -> Iterator[Shown]:
    assert seen.predictions is not None
    problem, names = seen.predictions["problem"], seen.class_names
    columns = [seen.arrays[f"{name}_{kind}"] for kind in ("images", "labels", "values")]
    for pixels, labels, values in zip(*columns, strict=True):
        if problem in ONE_CLASS:
            yield Shown(pixels, *_of_class(names, int(labels[0]), values))
        elif problem in CLASSIFICATIONS:
            yield Shown(pixels, *_of_labels(names, labels, values))
        else:
            yield Shown(pixels, _numbers(labels), (_numbers(values),), None)


def _of_class(names: list[str], label: int, values: NDArray[Any]) -> tuple[str, list[str], bool]:
    """The true class, the two that are likeliest, and whether the first of them is it."""
    likeliest = np.argsort(-values, kind="stable")[:2].tolist()
    said = [_said(class_name(names, own), float(values[own])) for own in likeliest]
    return _short(class_name(names, label)), said, likeliest[0] == label


def _of_labels(
    names: list[str], labels: NDArray[Any], values: NDArray[Any]
) -> tuple[str, list[str], bool]:
    """The labels that are there, those said to be, and whether these are the same."""
    there, said = np.flatnonzero(labels), np.flatnonzero(values > 0.5)
    words = [
        ", ".join(class_name(names, own) for own in chosen.tolist()) or "none"
        for chosen in (there, said)
    ]
    return _short(words[0]), [_short(words[1])], bool(np.array_equal(there, said))


def _said(name: str, probability: float) -> str:
    percent = f"{probability:.0%}"
    return f"{shorten(name, LONGEST - len(percent) + 2)} {percent}"


def _short(text: str) -> str:
    return shorten(text, LONGEST + 3)


def _numbers(values: NDArray[Any]) -> str:
    return _short(", ".join(number(float(own)) for own in values))


def draw_winner_images(figure: Figure, info: WinnerImagesInfo) -> None:
    """Rows of images; a frame and a mark tell right from wrong."""
    rows = -(-len(info.images) // PER_ROW)
    grid = figure.subplots(rows, PER_ROW, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, own in zip(grid.flat, info.images, strict=False):
        _draw_one(axes, own)


def _draw_one(axes: Axes, own: Shown) -> None:
    show_pixels(axes, own.pixels)
    axes.set_title(own.truth, fontsize=8, pad=3)
    mark = "" if own.is_right is None else f"{RIGHT if own.is_right else WRONG} "
    colour = INK if own.is_right is None else BLUE if own.is_right else ORANGE
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=colour, linewidth=2.2)
    lines = [f"{mark}{own.said[0]}", *own.said[1:]]
    axes.set_xlabel("\n".join(lines), fontsize=8, color=INK, labelpad=3)


def show_pixels(axes: Axes, pixels: NDArray[np.uint8]) -> None:
    """Draw a picture of one or three channels without smoothing it."""
    flat = pixels if pixels.shape[-1] > 1 else pixels[..., 0]
    axes.imshow(flat, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.grid(visible=False)
