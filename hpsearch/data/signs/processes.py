"""The drawing of signs shared out over processes.

Threads do not help (two are slower than one: the pictures are small and Python's lock is held
most of the time), a forked copy of a process that runs TensorFlow may hang, and spawned workers
of ``multiprocessing`` run the user's main script again. So these are plain child processes that
draw into the same mapped files.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hpsearch.data.decoding import Form


def draw_in_processes(
    files: tuple[Path, Path], form: Form, seed: int, num_processes: int
) -> Iterator[int]:
    """Draw training and test images into .npy files of the right shape.

    Args:
        files: The files of the training and of the test images.
        form: The form of the images.
        seed: Seed of all that is drawn by lot.
        num_processes: Number of processes.

    Yields:
        The number of images done, track by track.

    Raises:
        OSError: A process could not be started or failed.
    """
    reading, writing = os.pipe()
    children: list[subprocess.Popen[bytes]] = []
    with os.fdopen(reading) as counts:
        try:
            try:
                for share in range(num_processes):
                    order = {"files": [str(file) for file in files], "form": form, "seed": seed}
                    children.append(_start(writing))
                    _send(children[-1], {**order, "share": (share, num_processes)})
            finally:
                os.close(writing)
            yield from map(int, counts)
            _check([child.wait() for child in children])
        finally:
            for child in children:
                child.kill()
                child.wait()


def mapped_file(array: object) -> Path | None:
    """The file behind a memory-mapped array."""
    name = array.filename if isinstance(array, np.memmap) else None
    return Path(name) if isinstance(name, str | os.PathLike) else None


def _start(output: int) -> "subprocess.Popen[bytes]":
    root = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", "hpsearch.data.signs.part"],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is the parent's business
    )


def _send(child: "subprocess.Popen[bytes]", order: dict[str, object]) -> None:
    assert child.stdin is not None
    with child.stdin as stdin:
        stdin.write(json.dumps(order).encode())


def _check(statuses: list[int]) -> None:
    if any(statuses):
        raise OSError(f"a drawing process failed (exit statuses {statuses})")
