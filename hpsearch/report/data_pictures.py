"""The figures of a data set as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.data.spirals import POINT_SHAPE
from hpsearch.problems import ONE_CLASS
from hpsearch.report.figures.data_set import (
    LightInfo,
    SizesInfo,
    classes_info,
    draw_classes,
    draw_light,
    draw_sheet,
    draw_sizes,
    sheet_info,
)
from hpsearch.report.figures.points import PointsInfo, draw_points
from hpsearch.report.page import Picture
from hpsearch.report.pictures import draw_picture, write_picture

if TYPE_CHECKING:
    from hpsearch.data import LoadedData
    from hpsearch.data.description import Description


def write_data_pictures(folder: Path, description: Description, data: LoadedData) -> list[Path]:
    """Draw a data set and write each figure as PNG and SVG.

    Args:
        folder: Where to; made if it is not there.
        description: What the data set is like.
        data: The data set, for the sheet of samples.

    Returns:
        The PNG files that were written.
    """
    note = description.source
    light, sizes = description.light, description.sizes
    size_info = SizesInfo(sizes.widths, sizes.heights) if sizes else SizesInfo((), ())
    pictures = [
        draw_picture("classes", "Classes", draw_classes, classes_info(description), note),
        draw_picture(
            "light", "Light", draw_light, LightInfo(light.brightness, light.contrast), note
        ),
        draw_picture("sizes", "Sizes", draw_sizes, size_info, note),
        _samples(data, note),
    ]
    for picture in pictures:
        write_picture(folder, picture)
    return [folder / f"{picture.name}.png" for picture in pictures if picture.png]


def _samples(data: LoadedData, note: str) -> Picture:
    """A sheet of images; points of the plane where the images are no pictures."""
    shape = tuple(data.train.images.shape[1:])
    if shape != POINT_SHAPE or data.problem not in ONE_CLASS:
        return draw_picture("samples", "Samples", draw_sheet, sheet_info(data), note)
    points = np.asarray(data.train.images).reshape(-1, 2)
    info = PointsInfo(points, np.asarray(data.train.labels), data.class_names)
    return draw_picture("samples", "Samples", draw_points, info, note)
