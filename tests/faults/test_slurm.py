"""Batch jobs under a real Slurm of one node: cancelled, requeued, out of time; nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.storage import counted, load
from tests.integration.conftest import command, environment, write_space
from tests.integration.test_failures import num_running, wait_for

pytestmark = [pytest.mark.all, pytest.mark.root, pytest.mark.timeout(900)]

ONE_NODE = Path(__file__).parent.parent / "slurm" / "one_node.sh"
SIZES = ("--coarse", "--trials 80", "--fine", "--trials 8", "--confirm", "--top 1 --seeds 3")
FINISHED = {"coarse": 80, "fine": 8}
START_SECONDS = 300  # of workers, on a machine that does other things, too


class Cluster:
    """A Slurm of one node.

    Args:
        folder: Where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self.environment = {**environment(folder), "SLURM_CONF": str(folder / "slurm.conf")}

    def run(self, *arguments: object, where: Path | None = None) -> str:
        """What a command prints that must succeed."""
        done = subprocess.run(
            [str(argument) for argument in arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=where,
            env=self.environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def has_jobs(self) -> bool:
        """Whether anything waits or runs."""
        return bool(self.run("squeue", "--noheader").strip())


def free_port() -> int:
    """A port that nobody uses, and most likely the next as well."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Started for these tests alone, and stopped with all its jobs."""
    if shutil.which("slurmctld", path="/usr/sbin:" + os.environ["PATH"]) is None:
        raise RuntimeError("There is no Slurm here: run `make debian-packages`.")
    folder = Path(tempfile.mkdtemp(prefix="hpsearch-slurm-", dir="/tmp"))
    subprocess.run(["bash", ONE_NODE, "start", folder, str(free_port())], check=True)
    started = Cluster(folder)
    try:
        yield started
    finally:
        started.run("scancel", "--me")
        wait_for(lambda: not started.has_jobs())
        subprocess.run(["bash", ONE_NODE, "stop", folder], check=True)
        shutil.rmtree(folder)


def state_of(cluster: Cluster, number: str) -> dict[str, str]:
    """What Slurm knows of a job or of a task of an array."""
    words = cluster.run("scontrol", "--oneliner", "show", "job", number).split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def let_time_run_out(cluster: Cluster, task: str) -> None:
    """Bring the time limit of a running task near, wait until it has been requeued, undo it."""
    hours, minutes, _ = state_of(cluster, task)["RunTime"].split(":")
    soon = int(hours) * 60 + int(minutes) + 3
    cluster.run("scontrol", "update", f"JobId={task}", f"TimeLimit={soon}")
    wait_for(lambda: state_of(cluster, task)["Restarts"] == "1", START_SECONDS)
    cluster.run("scontrol", "update", f"JobId={task}", "TimeLimit=20")


def test_a_search_ends_complete_whatever_happens_to_its_jobs(
    tmp_path: Path, cluster: Cluster
) -> None:
    """One task is cancelled, one requeued, one nears its time limit; still exactly the budget."""
    here = tmp_path / "it's 100 % mine"
    here.mkdir()
    space = write_space(here / "slow.py", sleep=2.0)
    arguments = command("slurm", "--space", space, *SIZES, "--time-limit", "20m", "--json")
    first = json.loads(cluster.run(*arguments, "--submit", where=here))
    assert first["status"] == "submitted"
    assert list(first["jobs"])[0::2] == ["coarse-workers", "fine-workers", "confirm-workers"]
    again = json.loads(cluster.run(*arguments, "--submit", where=here))
    assert (again["status"], again["jobs"]) == ("queued", first["jobs"]), "not submitted twice"

    run, array = here / "results", first["jobs"]["coarse-workers"]
    wait_for(lambda: num_running(run / "coarse") == 4, START_SECONDS)
    cluster.run("scancel", f"{array}_1")
    cluster.run("scontrol", "requeue", f"{array}_2")
    let_time_run_out(cluster, f"{array}_3")
    wait_for(lambda: not cluster.has_jobs(), seconds=800)

    for stage, budget in FINISHED.items():
        trials = load(run / stage).trials
        assert len(counted(trials)) == budget, stage
        assert all(trial.state == "complete" for trial in trials), "none lost, none tried again"
        assert sorted(trial.index for trial in trials) == list(range(budget)), "none twice"
    assert load(run / "confirm").best is not None
    assert (run / "report" / "index.html").is_file()

    tasks = [state_of(cluster, f"{array}_{task}") for task in range(4)]
    assert tasks[1]["JobState"] == "CANCELLED"
    assert tasks[1]["Restarts"] == "0", "who is cancelled stays away"
    assert [tasks[task]["Restarts"] for task in (0, 2, 3)] == ["0", "1", "1"]
    assert {tasks[task]["JobState"] for task in (0, 2, 3)} == {"COMPLETED"}
    log = (run / "batch" / f"coarse-workers-{array}_3.log").read_text(encoding="utf-8")
    assert "is requeued, after 0 of at most 10 restarts" in log, "told before its limit"

    after = json.loads(cluster.run(*arguments, "--submit", where=here))
    assert (after["status"], after["jobs"]) == ("done", {})


def test_real_models_are_trained_on_the_gpus_that_slurm_gives(
    tmp_path: Path, cluster: Cluster
) -> None:
    """Two workers, of which one is requeued in the middle; the setup file sees each its GPU."""
    setup = tmp_path / "set up.sh"
    setup.write_text(
        "echo GPU $CUDA_VISIBLE_DEVICES\nexport CUDA_VISIBLE_DEVICES=-1\n", encoding="utf-8"
    )
    small = "--trials 6 --epochs 2 --fix filters=6 --fix batch_size=256"
    asked = ("--stage", "coarse", "--coarse", small, "--workers", 2, "--gpus-per-task", 1)
    arguments = command("slurm", "--space", "gtsrb_lenet", *asked, "--setup", setup, "--json")
    told = json.loads(cluster.run(*arguments, "--submit", where=tmp_path))
    run, array = tmp_path / "results" / "coarse", told["jobs"]["coarse-workers"]
    wait_for(lambda: num_running(run) == 2, START_SECONDS)
    cluster.run("scontrol", "requeue", f"{array}_0")
    wait_for(lambda: not cluster.has_jobs(), seconds=800)
    trials = load(run).trials
    assert len(counted(trials)) == 6
    assert {trial.state for trial in trials} == {"complete"}
    assert state_of(cluster, f"{array}_0")["Restarts"] == "1"
    logs = [run / "batch" / f"coarse-workers-{array}_{task}.log" for task in (0, 1)]
    gpus = {log.read_text(encoding="utf-8").splitlines()[0] for log in logs}
    assert gpus == {"GPU 0", "GPU 1"}
    assert (run / "narrowing.json").is_file()
    assert (run / "report" / "index.html").is_file()


def test_slurm_takes_every_script_that_can_be_asked_for(tmp_path: Path, cluster: Cluster) -> None:
    """Quotation, times and options of the scripts are right by Slurm's own reading."""
    space = write_space(tmp_path / "fast.py", sleep=0.0)
    sizes = ("--gpus-per-task", 1, "--cpus-per-task", 2, "--mem", "1G", "--time-limit", "1d")
    asked = (*sizes, "--partition", "tests", "--sbatch=--nice=10")
    arguments = command("slurm", "--space", space, *asked, "--json")
    plan = json.loads(cluster.run(*arguments, where=tmp_path))
    assert not (tmp_path / "results").exists(), "printing writes nothing"
    (tmp_path / "results" / "batch").mkdir(parents=True)
    assert len(plan["jobs"]) == 6
    for job in plan["jobs"]:
        script = tmp_path / "job.sh"
        script.write_text(job["script"], encoding="utf-8")
        cluster.run("sbatch", "--test-only", script)
