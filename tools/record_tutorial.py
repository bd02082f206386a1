"""Runs the search of docs/tutorial.md and copies its pictures to docs/images."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"

COMMANDS = (
    "coarse --space digits_mlp",
    "fine --from results/coarse",
    "confirm --from results/fine",
    "report",
)
PICTURES = {
    "results/coarse/report/importance.png": "tutorial-importance.png",
    "results/confirm/report/learning-curves.png": "tutorial-learning-curves.png",
    "results/report/stages.png": "tutorial-stages.png",
}
"""What is copied, relative to where the commands ran → its name in docs/images."""


def search(folder: Path) -> None:
    """Run the tutorial's commands in a folder; what they print is kept beside their results."""
    for command in COMMANDS:
        print(f"hpsearch {command}", flush=True)
        output = folder / f"{command.split()[0]}.txt"
        with output.open("w", encoding="utf-8") as file:
            program = [sys.executable, "-m", "hpsearch", *command.split()]
            subprocess.run(program, cwd=folder, stdout=file, stderr=subprocess.STDOUT, check=True)


def copy_pictures(folder: Path) -> None:
    """Copy the pictures of a tutorial's search to docs/images."""
    for source, name in PICTURES.items():
        shutil.copyfile(folder / source, IMAGES / name)
        print(f"Wrote {(IMAGES / name).relative_to(ROOT)}")


def main(arguments: list[str] | None = None) -> int:
    """Searches, unless a folder with a finished search is given, and copies the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--finished", type=Path, metavar="FOLDER", help="where the commands have run already"
    )
    finished = parser.parse_args(arguments).finished
    folder = finished or Path(tempfile.mkdtemp(prefix="hpsearch-tutorial-"))
    if finished is None:
        search(folder)
        print(f"What the commands printed: {folder}")
    copy_pictures(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
