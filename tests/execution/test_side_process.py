"""What a process that died leaves to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.errors import HpsearchError
from hpsearch.execution.side_process import ask, how_it_ended, without_chatter

NOISE = """\
2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.
2026-01-02 03:04:05.678901: E external/local_xla/xla/stream_executor/cuda.cc:467] Unable to register
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1767322245.678901    4242 cpu_feature_guard.cc:227] This TensorFlow binary is optimized
E0102 03:04:05.678901    4242 cuda_executor.cc:1309] INTERNAL: CUDA Runtime error
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow
"""
FATAL = "2026-01-02 03:04:06.000000: F tensorflow/core/platform/env.cc:391] Check failed: ok"


def test_of_tensorflows_log_only_fatal_lines_are_kept() -> None:
    """Its chatter after the traceback would push the reason out of sight."""
    lines = ["ImportError: libfoo.so: cannot open", *NOISE.splitlines(), "", FATAL]
    assert without_chatter(lines) == ["ImportError: libfoo.so: cannot open", FATAL]


@pytest.fixture
def dying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that prints what TensorFlow prints, then the reason, then chatter, and dies."""
    (tmp_path / "noise.txt").write_text(NOISE)
    (tmp_path / "dying.py").write_text(
        "import os, sys, pathlib\n"
        f"noise = pathlib.Path({str(tmp_path / 'noise.txt')!r}).read_text()\n"
        "sys.stderr.write(noise + 'ImportError: libfoo.so\\n' + noise)\n"
        "sys.stderr.flush()\n"
        "os.abort()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "dying"


def test_a_process_that_died_is_told_by_signal_and_reason(dying: str) -> None:
    """One line with the reason instead of five of chatter."""
    with pytest.raises(HpsearchError) as error:
        ask(dying, {}, "The probe of the space")
    assert error.value.message == (
        "The probe of the space was ended by SIGABRT: ImportError: libfoo.so"
    )


def test_a_killed_process_may_have_been_out_of_memory(dying: str, tmp_path: Path) -> None:
    """The kernel's killer leaves no other word, so the hint says it."""
    (tmp_path / "dying.py").write_text("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(HpsearchError, match="was ended by SIGKILL") as error:
        ask(dying, {}, "The probe of the space")
    assert "memory ran out" in error.value.hint


def test_an_ordinary_status_is_named() -> None:
    """Only negative ones are signals."""
    assert how_it_ended(1) == "ended with status 1"
