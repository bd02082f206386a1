"""Figures as pictures of a page and as files beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.report.figures.canvas import PIXELS_PER_INCH, AnyInfo, render
from hpsearch.report.page import Picture
from hpsearch.storage.atomic import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_picture(
    name: str, title: str, draw: Callable[[Figure, AnyInfo], None], info: AnyInfo, note: str
) -> Picture:
    """One figure, or why there is none."""
    if info.missing:
        return Picture(name, title, "", b"", b"", info.missing, (0, 0))
    width, height = (round(inches * PIXELS_PER_INCH) for inches in info.size)
    image = render(draw, info, note)
    return Picture(name, title, info.caption, image.png, image.svg, "", (width, height))


def write_picture(folder: Path, picture: Picture) -> None:
    """Write a figure as PNG and SVG; old files that no longer hold are removed."""
    _write(folder / f"{picture.name}.png", picture.png)
    _write(folder / f"{picture.name}.svg", picture.svg)


def _write(path: Path, content: bytes) -> None:
    """Write a file; without content remove it."""
    if content:
        write_bytes(path, content)
    else:
        path.unlink(missing_ok=True)
