"""Running a space file without TensorFlow's start-up chatter on the user's screen."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

CHATTER = re.compile(
    r"^([IWE]\d{4} \d\d:\d\d:|WARNING: All log messages before absl|To enable the )"
)


@contextmanager
def without_chatter() -> Iterator[None]:
    """Keep what TensorFlow's C++ libraries log while they are loaded off standard error.

    They write to the file descriptor itself before any log level is read. Everything else that
    is written there meanwhile is passed on at the end.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught.read().decode(errors="replace").splitlines(keepends=True):
                if not CHATTER.match(line):
                    sys.stderr.write(line)
