"""Figures as pictures of a page and as PNG files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.report.figures.canvas import PIXELS_PER_INCH, AnyInfo, render
from hpsearch.report.page import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_picture(
    name: str, title: str, draw: Callable[[Figure, AnyInfo], None], info: AnyInfo, note: str
) -> Picture:
    """One figure, or why there is none."""
    if info.missing:
        return Picture(name, title, "", b"", info.missing, (0, 0))
    width, height = (round(inches * PIXELS_PER_INCH) for inches in info.size)
    return Picture(name, title, info.caption, render(draw, info, note), "", (width, height))


def write_picture(path: Path, picture: Picture) -> None:
    """Write a figure by way of a temporary file; remove an old one that no longer holds."""
    if not picture.png:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(picture.png)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)
