"""The canvas figures are drawn on: colours, fonts, size, files."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

# Okabe & Ito (2008): told apart with every kind of colour blindness, and in grey.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, AMBER, SKY = "#CC79A7", "#E69F00", "#56B4E9"
INK, GREY, PALE = "#222222", "#6b6b6b", "#d9d9d9"

WIDTH = 10.0
"""Inches."""
PIXELS_PER_INCH = 96
"""Pixels of the page, which is laid out for 960 of them."""
DOTS_PER_INCH = 144
"""Of the image: sharp on paper and on dense screens."""
# Tried in this order for every character; the first is part of Matplotlib.
FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
)
LONGEST_NAME = 28
DENSE_TRIALS = 300
"""More dots than this are smaller, and one picture within an SVG file instead of a shape each."""


class Info(Protocol):
    """What every computed figure can say about itself."""

    @property
    def missing(self) -> str:
        """Why there is nothing to draw; empty if there is something."""

    @property
    def caption(self) -> str:
        """What the figure shows, in words; also read out instead of it."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""


AnyInfo = TypeVar("AnyInfo", bound=Info)


@dataclass(frozen=True)
class Plot(Generic[AnyInfo]):
    """One kind of figure.

    Args:
        name: Stem of its file.
        title: Heading on the page.
        compute: Takes from a study what the figure shows.
        draw: Draws it.
        group: Under which heading of the page it stands; one of the registry's GROUPS.
        is_asked_for: Whether a page says nothing of it where there is nothing to draw.
    """

    name: str
    title: str
    compute: Callable[[StudyView], AnyInfo]
    draw: Callable[[Figure, AnyInfo], None]
    group: str = "search"
    is_asked_for: bool = False


class Image(NamedTuple):
    """A drawn figure.

    Args:
        png: For the page and for slides.
        svg: For enlarging and for print, its letters drawn as shapes.
    """

    png: bytes
    svg: bytes


def render(draw: Callable[[Figure, AnyInfo], None], info: AnyInfo, note: str) -> Image:
    """Draw a figure.

    Args:
        draw: Draws the figure.
        info: What it shows.
        note: Small print below it: which study, on which data.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_style()), warnings.catch_warnings():
        # No font has every script. The name then shows as a box here, and in full on the page.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=info.size, layout="constrained")
        draw(figure, info)
        figure.supxlabel(shorten(note, 140), x=0.995, ha="right", fontsize=8, color=GREY)
        png, svg = io.BytesIO(), io.BytesIO()
        figure.savefig(png, format="png", dpi=DOTS_PER_INCH)
        figure.savefig(svg, format="svg", dpi=DOTS_PER_INCH, metadata={"Date": None})
    return Image(png.getvalue(), svg.getvalue())


def _style() -> Any:  # Matplotlib's type for it is a dictionary of 300 literals
    from matplotlib import font_manager

    present = set(font_manager.get_font_names())
    return {
        "font.family": [name for name in FONTS if name in present],
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#ececec",
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "text.parse_math": False,  # names come from users and may hold dollar signs
        "figure.facecolor": "white",
        "svg.hashsalt": "hpsearch",  # the same study gives the same file
    }


def shorten(name: str, longest: int = LONGEST_NAME) -> str:
    """A name on one line that fits beside a figure; both ends stay, for names that count up."""
    text = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(text) <= longest:
        return text
    end = longest // 3
    return f"{text[: longest - 1 - end]}…{text[-end:]}"


def number(value: float) -> str:
    """A number in at most four digits."""
    return f"{value:.4g}"


def short_number(value: float) -> str:
    """A tick of a logarithmic axis: `0.01` and `100` as they are, `1e-4` and `2e5` in short."""
    if value <= 0 or 0.01 <= value < 10_000:
        return f"{value:g}"
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"


def use_log_scale(axes: Axes) -> None:
    """Make the horizontal axis logarithmic, its ticks plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    decades = math.log10(high / low)
    steps = (1.0,) if decades > 2 else (1.0, 3.0) if decades > 1 else (1.0, 2.0, 5.0)
    axes.xaxis.set_major_locator(LogLocator(subs=steps, numticks=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def use_whole_numbers(axes: Axes) -> None:
    """Put the ticks of the horizontal axis at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins="auto", min_n_ticks=1))
