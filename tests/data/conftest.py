"""Small copies of GTSRB in both layouts, with a cache of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.data.gtsrb_files import picture, write_official


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the user's cache or data."""
    folder = tmp_path_factory.mktemp("cache") / "hpsearch"
    monkeypatch.setenv("HPSEARCH_CACHE", str(folder))
    monkeypatch.delenv("HPSEARCH_DATA", raising=False)
    return folder


@pytest.fixture
def official(tmp_path: Path) -> Callable[..., Path]:
    """Write {class: number of tracks} as the official archives unpack, 3 frames a track."""

    def write(tracks: Mapping[int, int], num_test: int = 4, top: str = "GTSRB") -> Path:
        root = tmp_path / "official"
        write_official(root, tracks, num_test, top)
        return root

    return write


@pytest.fixture
def mirror(tmp_path: Path) -> Callable[..., Path]:
    """Write {class: number of tracks} as the common mirror has it, 3 frames a track."""

    def write(tracks: Mapping[int, int], num_test: int = 4) -> Path:
        root = tmp_path / "mirror"
        header = "Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path"
        lines = [header]
        for label, count in tracks.items():
            folder = root / "Train" / str(label)
            folder.mkdir(parents=True)
            for track in range(count):
                for frame in range(3):
                    name = f"{label:05d}_{track:05d}_{frame:05d}.png"
                    image = picture(label, track, frame)
                    image.save(folder / name)
                    size = f"{image.width},{image.height}"
                    lines.append(f"{size},6,5,18,15,{label},Train/{label}/{name}")
        (root / "Train.csv").write_text("\n".join(lines) + "\n")
        (root / "Test").mkdir()
        lines = [header]
        for number in range(num_test):
            picture(number, 9, 1).save(root / "Test" / f"{number:05d}.png")
            lines.append(f"24,21,6,5,18,15,{number},Test/{number:05d}.png")
        (root / "Test.csv").write_text("\n".join(lines) + "\n")
        return root

    return write
