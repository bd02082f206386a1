"""The process behind a worker: takes its arguments, obeys signals, says how it ended."""

from __future__ import annotations

import argparse
import faulthandler
import logging
import sys
from pathlib import Path

from hpsearch.errors import HpsearchError
from hpsearch.execution.stopping import stop_on_signals, stop_when_orphaned
from hpsearch.execution.worker import Worker
from hpsearch.storage import RunDirectory


def main() -> int:
    """Run one worker; the exit status is that of the error that ended it, or 0."""
    faulthandler.enable(all_threads=False)  # a crash leaves the Python lines it came from
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", required=True, type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpu-memory", type=int)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    worker = Worker(RunDirectory(options.study), options.name, options.threads, options.gpu_memory)
    stop_on_signals(worker.stop)
    stop_when_orphaned(worker.stop)
    try:
        return worker.run()
    except HpsearchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
