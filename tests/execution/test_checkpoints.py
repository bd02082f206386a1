"""Files of checkpoints: what is read is what was written, or nothing; the disk stays free."""

from __future__ import annotations

import json
import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpsearch.execution.checkpoints import Checkpoint, Checkpoints, forget_ended
from hpsearch.execution.claims import Claim
from hpsearch.spaces import Space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.training.model_state import ModelState, random_states
from hpsearch.training.snapshot import Snapshot

STATES = random_states()
CLAIM = Claim(3, 2, 17, {"rate": 0.1, "kind": "adam", "units": 4}, Space())
CHECKPOINT = Checkpoint(
    Snapshot(
        history={"loss": [0.5, 0.25], "val_loss": [0.75, 0.1 + 0.2]},
        best_value=0.1 + 0.2,
        best_epoch=1,
        best_weights=[np.float32([1, 2])],
        timings={"build": 1.5},
        fold_values=[0.2, 0.4],
        states=[
            ModelState([np.arange(12, dtype=np.float32).reshape(3, 4), np.int64(7)], STATES),
            ModelState([np.ones((3, 4), np.float32), np.int64(8)], {**STATES, "numpy": [1]}),
        ],
    ),
    seconds=12.5,
    resumed=1,
    drawn={"extra": 5},
    in_float32=True,
)


def all_variables(checkpoint: Checkpoint) -> list[Any]:
    """The variables of all folds."""
    return [variable for state in checkpoint.snapshot.states for variable in state.variables]


def checkpoints(path: Path, **changes: Any) -> Checkpoints:
    """The checkpoints of a study in this folder."""
    run = RunDirectory(path)
    run.make()
    return Checkpoints(run, changes.pop("space_code", "abc"), **changes)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    """Every number to the last bit, shapes and types."""
    kept = checkpoints(tmp_path)
    assert kept.write(CLAIM, CHECKPOINT)
    read = kept.read(CLAIM)
    assert read is not None
    assert (read.seconds, read.resumed, read.drawn) == (12.5, 1, {"extra": 5})
    assert read.in_float32
    assert read.snapshot.epochs == 2
    for name in ("history", "best_value", "best_epoch", "fold_values", "timings"):
        assert getattr(read.snapshot, name) == getattr(CHECKPOINT.snapshot, name), name
    for state, written in zip(read.snapshot.states, CHECKPOINT.snapshot.states, strict=True):
        assert state.random_states == written.random_states
    assert read.snapshot.best_weights is not None
    arrays = [*all_variables(read), *read.snapshot.best_weights]
    for own, other in zip(arrays, [*all_variables(CHECKPOINT), np.float32([1, 2])], strict=True):
        assert (own.dtype, own.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(own, other)
    assert [path.name for path in kept.directory.checkpoints.iterdir()] == ["trial-0003.npz"]


@pytest.mark.parametrize(
    ("claim", "space_code", "named"),
    [
        (replace(CLAIM, seed=18), "abc", "seed"),
        (replace(CLAIM, params={**CLAIM.params, "units": 5}), "abc", "params"),
        (CLAIM, "edited since", "space_code"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, claim: Claim, space_code: str, named: str
) -> None:
    """The log says in what it differs, and the file is gone."""
    assert checkpoints(tmp_path).write(CLAIM, CHECKPOINT)
    with caplog.at_level(logging.WARNING):
        assert checkpoints(tmp_path, space_code=space_code).read(claim) is None
    assert f"trial 3 starts anew: its checkpoint is refused, its {named} is" in caplog.text
    assert not RunDirectory(tmp_path).checkpoint_file(3).exists()


def test_a_checkpoint_of_another_version_is_refused(tmp_path: Path) -> None:
    """A later version may keep other things."""
    kept = checkpoints(tmp_path)
    kept.write(CLAIM, CHECKPOINT)
    path = kept.directory.checkpoint_file(3)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    facts = json.loads(arrays["facts"].tobytes()) | {"version": 1}
    np.savez(path, **(arrays | {"facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)}))
    assert kept.read(CLAIM) is None


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    """They could run anything."""
    kept = checkpoints(tmp_path)
    kept.directory.checkpoints.mkdir()
    np.savez(kept.directory.checkpoint_file(3), facts=np.array([print], dtype=object))
    assert kept.read(CLAIM) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), cut=st.booleans())
def test_a_damaged_file_is_refused_or_read_unchanged(
    tmp_path: Path, share: float, cut: bool
) -> None:
    """One byte changed or the end missing: never a failure, never other numbers."""
    kept = checkpoints(tmp_path)
    assert kept.write(CLAIM, CHECKPOINT)
    path = kept.directory.checkpoint_file(3)
    content = bytearray(path.read_bytes())
    place = int(share * len(content))
    content[place] ^= 0xFF
    path.write_bytes(content[:place] if cut else content)
    read = kept.read(CLAIM)
    if read is None:
        assert not path.exists()
    else:  # a byte that says nothing, such as the date of an entry
        assert read.snapshot.history == CHECKPOINT.snapshot.history
        for own, other in zip(all_variables(read), all_variables(CHECKPOINT), strict=True):
            np.testing.assert_array_equal(own, other)


def test_checkpoints_together_take_no_more_than_they_may(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The one that would exceed it is not written, and nothing of it is left."""
    kept = checkpoints(tmp_path)
    assert kept.write(CLAIM, CHECKPOINT)
    size = kept.directory.checkpoint_file(3).stat().st_size
    bounded = checkpoints(tmp_path, most_bytes=2 * size)
    with caplog.at_level(logging.WARNING):
        assert not bounded.write(replace(CLAIM, number=4), CHECKPOINT)
    assert "all checkpoints together would take" in caplog.text
    assert [path.name for path in kept.directory.checkpoints.iterdir()] == ["trial-0003.npz"]


def test_a_checkpoint_leaves_some_of_the_disk_free(tmp_path: Path) -> None:
    """What has to be written after it matters more."""
    assert not checkpoints(tmp_path, free_bytes=2**60).write(CLAIM, CHECKPOINT)
    assert list(RunDirectory(tmp_path).checkpoints.iterdir()) == []


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """No file may grow larger, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_refuses_leaves_no_half_file_and_the_older_checkpoint(tmp_path: Path) -> None:
    """The trial goes on from where it was saved before."""
    kept = checkpoints(tmp_path)
    assert kept.write(CLAIM, CHECKPOINT)
    with files_at_most(2000):
        assert not kept.write(CLAIM, replace(CHECKPOINT, seconds=99.0))
    assert [path.name for path in kept.directory.checkpoints.iterdir()] == ["trial-0003.npz"]
    read = kept.read(CLAIM)
    assert read is not None
    assert read.seconds == 12.5


def test_only_trials_that_have_not_ended_keep_files(tmp_path: Path) -> None:
    """Ended ones, unknown ones, and halves that a killed worker left are deleted."""
    run = RunDirectory(tmp_path)
    run.make()
    run.checkpoints.mkdir()
    store = StudyStore(run, create=True)
    for _ in range(3):
        store.create_trial({}, {}, {"params": {}})
    store.finish(0, "failed", None, {"failure": "lost"})
    store.give_back(1)
    for number in range(4):
        run.checkpoint_file(number).touch()
        run.checkpoint_file(number).with_suffix(".part").touch()
    forget_ended(run, store.records())
    left = sorted(path.name for path in run.checkpoints.iterdir())
    assert left == ["trial-0001.npz", "trial-0002.npz", "trial-0002.part"]
