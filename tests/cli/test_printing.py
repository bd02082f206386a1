"""What is printed is one line where that is promised, and no terminal takes it for commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.cli.entry import run
from hpsearch.cli.printing import one_line, plain
from hpsearch.storage.atomic import dumps, write_text

ESCAPE = "\x1b]0;title\x07\x9b31m"


def test_control_characters_of_anybodys_files_do_not_reach_the_terminal() -> None:
    assert plain(f"a{ESCAPE}b\n\t") == "a�]0;title��31mb\n\t"


def test_an_error_is_one_line_of_bounded_length() -> None:
    """Its beginning says what is wrong, its end how to mend it."""
    line = one_line("What\nis wrong: " + "x" * 100_000 + ". Mend it.")
    assert line.startswith("What is wrong: xxx")
    assert line.endswith("xxx. Mend it.")
    assert len(line) < 1100


def test_names_that_are_no_text_can_be_written_and_read_back(tmp_path: Path) -> None:
    """A path whose bytes are no UTF-8 has lone surrogates in Python."""
    assert json.loads(dumps({"path": "\udcff"})) == {"path": "\udcff"}
    write_text(tmp_path / "page.html", "\udcff")
    assert (tmp_path / "page.html").read_text() == "\\udcff"


@pytest.mark.parametrize("flags", [[], ["--json"]])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_arguments_that_are_no_text_are_refused_in_any_encoding(
    flags: list[str], encoding: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch", "show", b"nowhere-\xff", *flags],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": encoding, "PATH": ""},
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    if flags:
        assert "nowhere-" in json.loads(done.stdout)["error"]["message"]


def test_a_name_no_file_can_have_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["coarse", "--space", "light", "--out", "x" * 5000]) == 2
    assert "File name too long" in capsys.readouterr().err
