"""One process's share of the drawing: `python -m hpsearch.data.signs.part`, order on stdin."""

import json
import sys
from typing import Any

import numpy as np

from hpsearch.data.decoding import Form
from hpsearch.data.signs.generation import draw_share


def main() -> None:
    """Draw what the order says into the mapped files; a line of output for each track."""
    order: dict[str, Any] = json.load(sys.stdin)
    images, test_images = (
        np.load(path, mmap_mode="r+", allow_pickle=False) for path in order["files"]
    )
    share = (int(order["share"][0]), int(order["share"][1]))
    for count in draw_share(images, test_images, Form(*order["form"]), order["seed"], share):
        sys.stdout.write(f"{count}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
