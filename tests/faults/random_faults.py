"""Random faults over studies of fast trials: `python -m tests.faults.random_faults --count 200`."""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.harness import LIGHT, DisturbedStudy, at_random_moment, gone, workers_on
from tests.faults.invariants import model_violations, processes_on
from tests.integration.conftest import write_space
from tests.integration.test_real_training import plain_builder
from tests.postgres import PostgresServer, running_server

TRIALS_A_FAULT = 12
FAULTS_A_STUDY = 10
DISK = "12m"
MODELS_DISK = "40m"

Process = subprocess.Popen[bytes]


@dataclass
class Outcome:
    """What became of the faults of one kind."""

    count: int = 0
    second_tries: int = 0
    wrong: list[str] = field(default_factory=list)


def kill_a_worker(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """kill -9 of a training process; its supervisor lives."""
    for pid in chance.sample(workers_on(study.out), min(1, len(workers_on(study.out)))):
        _kill(pid)


def kill_the_supervisor(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """kill -9 of the command; its workers notice, or may still run when it is started again."""
    process.kill()
    process.wait()
    if chance.random() < 0.5:
        gone(study.out)


def stop(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """A signal that asks the command to end."""
    process.send_signal(chance.choice([signal.SIGTERM, signal.SIGINT, signal.SIGUSR1]))


def fill_the_disk(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """No byte is free for a while."""
    filler = study.out.parent / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
    time.sleep(chance.uniform(1.0, 4.0))
    filler.unlink()


def set_the_clock(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """The clock jumps by hours, forwards or back."""
    hours = chance.choice([-48, -1, 1, 48])
    (study.out.parent.parent / "clock").write_text(str(hours * 3600))


def tear_the_last_line(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """Everything dies, the writer of the journal in the middle of a line."""
    for pid in [process.pid, *processes_on(study.out)]:
        _kill(pid)
    process.wait()
    gone(study.out)
    journal = study.out / "study.journal"
    line = chance.choice(journal.read_bytes().splitlines()[-5:])
    with journal.open("ab") as file:
        file.write(line[: chance.randint(1, len(line) - 1)])


def start_another(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """A second supervisor, as if the user had forgotten the first."""
    second = study.start()
    if second.wait(180) != 0:
        raise AssertionError(f"the second of two commands ended with {second.returncode}")


OUTAGE = 20.0


def stop_the_server(study: DisturbedStudy, process: Process, chance: random.Random) -> None:
    """PostgreSQL is stopped in order, or as if it was killed, for 20 seconds."""
    assert study.server is not None
    study.server.stop(chance.choice(["fast", "immediate"]))
    time.sleep(OUTAGE)
    study.server.start()


Fault = Callable[[DisturbedStudy, Process, random.Random], None]
FAULTS: tuple[Fault, ...] = (
    kill_a_worker,
    kill_the_supervisor,
    stop,
    fill_the_disk,
    set_the_clock,
    tear_the_last_line,
    start_another,
)
DATABASE_FAULTS: tuple[Fault, ...] = (
    kill_a_worker,
    kill_the_supervisor,
    stop,
    set_the_clock,
    start_another,
    stop_the_server,
)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of a few MB."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def environment(folder: Path, models: bool) -> dict[str, str]:
    """Of a command on whose clock we have a hand; workers load TensorFlow only for models."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HPSEARCH_")}
    if shutil.which("cc") is None:
        raise RuntimeError("There is no C compiler for another time of day: make debian-packages.")
    clock = folder / "clock.so"
    source = Path(__file__).parent / "clock.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", clock, source, "-ldl"], check=True)
    paths = [str(LIGHT), str(Path(__file__).parents[2]), kept.get("PYTHONPATH", "")]
    light = {} if models else {"KERAS_BACKEND": "numpy"}
    return {
        **kept,
        **light,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths[models:])),
        "LD_PRELOAD": str(clock),
        "CLOCK_FILE": str(folder / "clock"),
    }


def _what(folder: Path, models: bool) -> tuple[str, ...]:
    """The flags for numbers instead of models, or for small networks on images of digits."""
    if not models:
        return ("--space", str(write_space(folder / "space.py", sleep=0.15)))
    space, data = plain_builder(folder)
    return ("--space", f"{space}:build", "--data", str(data), "--epochs", "2", "--pruner", "none")


def create(
    disk: Path,
    folder: Path,
    chance: random.Random,
    models: bool,
    server: PostgresServer | None = None,
) -> DisturbedStudy:
    """A study without trials on a disk; its command is that of a stage, or a worker's."""
    out = disk / "study"
    where = (*_what(folder, models), "--out", str(out), "--algorithm", "random")
    surroundings = environment(folder, models)
    if server is not None:
        os.environ["HPSEARCH_STORAGE"] = surroundings["HPSEARCH_STORAGE"] = server.create_database()
    study = DisturbedStudy(out, ("coarse", *where, "--workers", "0"), surroundings, server=server)
    study.trials = 1
    if study.start().wait(180) != 0:
        raise AssertionError(f"no study was created: {study.last_line()}")
    study.trials = 0
    if chance.random() < 0.25:
        study.arguments = ("coarse", *where, "--workers", "2")
    else:
        study.arguments = ("worker", "--study", str(out), "--workers", "2")
    return study


def disturb(study: DisturbedStudy, fault: Fault, chance: random.Random, outcome: Outcome) -> None:
    """Start the command, disturb it, and see that it comes to its end all the same."""
    tries = sum(record.retry_of is not None for record in study.records())
    study.grow(TRIALS_A_FAULT)
    process = study.start()
    if not at_random_moment(study, process, chance):
        study.finish(process)
        return  # it was quicker than the fault, which does not count
    study.remember()
    try:
        fault(study, process, chance)
    except AssertionError as error:
        outcome.wrong.append(str(error))
    outcome.wrong += study.finish(process)
    outcome.count += 1
    outcome.second_tries += sum(r.retry_of is not None for r in study.records()) - tries


def run(
    count: int,
    seed: int,
    report: Callable[[str], object],
    *,
    models: bool = False,
    server: PostgresServer | None = None,
    only: str | None = None,
) -> dict[str, Outcome]:
    """Inject so many faults, several into each study, each at a random moment.

    Args:
        count: How many, of all kinds in turn.
        seed: Of everything random here.
        report: Told of everything that is wrong, and of progress.
        models: Train small networks, whose files must be readable in the end.
        server: Keep the studies in its databases instead of journals.
        only: Name of the one kind to inject; None for all.
    """
    known_faults = FAULTS if server is None else DATABASE_FAULTS
    faults = [fault for fault in known_faults if only in (None, fault.__name__)]
    chance = random.Random(seed)
    size = MODELS_DISK if models else DISK
    outcomes = {fault.__name__: Outcome() for fault in faults}
    for study_number in itertools.count():
        done = sum(outcome.count for outcome in outcomes.values())
        if done >= count:
            break
        with tempfile.TemporaryDirectory() as name, small_disk(Path(name), size) as disk:
            study = create(disk, Path(name), chance, models, server)
            for _ in range(min(FAULTS_A_STUDY, count - done)):
                fault = min(faults, key=lambda f: (outcomes[f.__name__].count, chance.random()))
                outcome = outcomes[fault.__name__]
                known, started = len(outcome.wrong), time.monotonic()
                disturb(study, fault, chance, outcome)
                seconds = time.monotonic() - started
                report(
                    f"study {study_number} {study.arguments[0]} {fault.__name__} {seconds:.0f} s"
                )
                for text in outcome.wrong[known:]:
                    report(f"WRONG: {text}")
                report(table(outcomes))
            if models:
                broken = model_violations(study.out, study.records(), "maximize")
                outcomes[fault.__name__].wrong += broken
                report(f"models kept: {sorted(path.name for path in study.out.glob('models/*'))}")
    return outcomes


def table(outcomes: dict[str, Outcome]) -> str:
    """Fault × count × second tries × lost, as Markdown."""
    lines = ["| fault | count | tried again | lost |", "|---|---:|---:|---:|"]
    for name, outcome in outcomes.items():
        words = name.replace("_", " ")
        lines.append(
            f"| {words} | {outcome.count} | {outcome.second_tries} | {len(outcome.wrong)} |"
        )
    sums = [
        sum(o.count for o in outcomes.values()),
        sum(o.second_tries for o in outcomes.values()),
        sum(len(o.wrong) for o in outcomes.values()),
    ]
    return "\n".join([*lines, f"| **all** | {sums[0]} | {sums[1]} | {sums[2]} |", ""])


def main() -> int:
    """Inject faults and print the table; the status is 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", action="store_true", help="Train small networks.")
    parser.add_argument("--database", action="store_true", help="Studies in PostgreSQL.")
    parser.add_argument("--table", type=Path, help="Markdown file for the table.")
    parser.add_argument("--only", help="One kind of fault, as stop or start_another.")
    options = parser.parse_args()
    # A shell ignores Ctrl-C for what it runs in the background, and so would the commands.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.geteuid() != 0:
        parser.error("a small disk needs root")
    with running_server() if options.database else nullcontext() as server:
        outcomes = run(
            options.count,
            options.seed,
            lambda text: sys.stderr.write(f"{text}\n"),
            models=options.models,
            server=server,
            only=options.only,
        )
    text = table(outcomes)
    sys.stdout.write(text)
    if options.table is not None:
        options.table.write_text(text, encoding="utf-8")
    return int(any(outcome.wrong for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
