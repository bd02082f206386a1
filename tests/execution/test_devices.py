"""Which GPUs workers get, and what share of one; `nvidia-smi` is a stand-in on PATH."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hpsearch.errors import InputError
from hpsearch.execution import devices
from hpsearch.execution.devices import (
    OUTSIDE_POOL,
    available_cores,
    choose_gpus,
    granted_cores,
    memory_share,
    parse_gpus,
    place_workers,
    threads_per_worker,
    visible_gpus,
)
from hpsearch.execution.nvidia import Gpu, has_libraries, installed_gpus

FIRST, SECOND = "GPU-aaaa-1", "GPU-bbbb-2"
A100 = "NVIDIA A100-SXM4-40GB"
PART = "MIG-cccc-3"
Driver = Callable[..., None]


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Installs an `nvidia-smi` that lists and describes the given GPUs as the real one does."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def install(listed: Sequence[str], described: Sequence[str], status: int = 0) -> None:
        (tmp_path / "listed").write_text("".join(f"{line}\n" for line in listed))
        (tmp_path / "described").write_text("".join(f"{line}\n" for line in described))
        program = tmp_path / "nvidia-smi"
        program.write_text(
            f'#!/bin/sh\n[ "$1" = -L ] && exec cat {tmp_path}/listed\n'
            f"cat {tmp_path}/described\nexit {status}\n"
        )
        program.chmod(0o755)
        devices._installed.cache_clear()

    install([], [])
    return install


@pytest.fixture
def two_gpus(driver: Driver) -> None:
    driver(
        [f"GPU 0: {A100} (UUID: {FIRST})", f"GPU 1: {A100} (UUID: {SECOND})"],
        [f"{FIRST}, {A100}, 40960, 550.54.15, 8.0", f"{SECOND}, {A100}, 40960, 550.54.15, 8.0"],
    )


@pytest.mark.usefixtures("two_gpus")
def test_the_driver_is_asked_for_model_memory_and_version() -> None:
    """These are what limits, the plan and doctor need."""
    assert installed_gpus() == [
        Gpu(FIRST, A100, 40960, "550.54.15", 8.0),
        Gpu(SECOND, A100, 40960, "550.54.15", 8.0),
    ]


def test_a_divided_gpu_stands_for_its_parts(driver: Driver) -> None:
    """CUDA offers nothing else of a GPU in MIG mode; 1g.5gb has 5 GiB."""
    listed = [f"GPU 0: {A100} (UUID: {FIRST})", f"  MIG 1g.5gb      Device  0: (UUID: {PART})"]
    driver(listed, [f"{FIRST}, {A100}, 40960, 550.54.15, 8.0"])
    assert [(gpu.name, gpu.memory, gpu.capability) for gpu in installed_gpus()] == [
        (PART, 5120, 8.0)
    ]


def test_a_driver_that_does_not_know_the_question_still_lists(driver: Driver) -> None:
    """Old ones have no compute_cap; a GPU of unknown memory is a GPU."""
    driver([f"GPU 0: {A100} (UUID: {FIRST})"], ['Field "compute_cap" is not valid'], status=2)
    assert installed_gpus() == [Gpu(FIRST, A100)]


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("variable", "names"),
    [
        ("0,1", ["0", "1"]),
        ("1", ["1"]),
        (f"{SECOND}", [SECOND]),
        ("GPU-bb", ["GPU-bb"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1,-1,0", ["1"]),  # CUDA hides what stands behind an entry that is none
        ("0,7,1", ["0"]),
        ("0,0", ["0"]),
    ],
)
def test_cuda_visible_devices_is_obeyed_as_cuda_does(
    monkeypatch: pytest.MonkeyPatch, variable: str, names: list[str]
) -> None:
    """Batch systems give a job its GPUs by this variable."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", variable)
    assert [gpu.name for gpu in visible_gpus()] == names


@pytest.mark.usefixtures("two_gpus")
def test_a_part_of_a_uuid_is_enough_to_know_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA takes the beginning of a UUID, if only one GPU has it."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-bb,GPU-")
    assert [gpu.memory for gpu in visible_gpus()] == [40960, 0]


def test_a_number_may_mean_the_smaller_of_unequal_gpus(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CUDA counts the fastest first unless it is told to count as nvidia-smi does."""
    driver(
        [f"GPU 0: GTX (UUID: {FIRST})", f"GPU 1: {A100} (UUID: {SECOND})"],
        [f"{FIRST}, GTX, 8192, 550.1, 7.5", f"{SECOND}, {A100}, 40960, 550.1, 8.0"],
    )
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert visible_gpus()[0].memory == 8192
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert visible_gpus()[0].memory == 40960


GPUS = [Gpu("0", "A", 10240), Gpu("1", "A", 10240), Gpu("2", "A", 10240)]


def test_gpus_are_counted_among_those_that_are_visible() -> None:
    """A job that was given GPUs 4 and 7 has its own 0 and 1."""
    assert choose_gpus([Gpu("4"), Gpu("7")], (1,)) == [Gpu("7")]
    assert choose_gpus(GPUS, None) == GPUS
    assert choose_gpus(GPUS, ()) == []


@pytest.mark.parametrize(
    ("gpus", "found"), [(GPUS, "only 0 to 2"), (GPUS[:1], "only GPU 0"), ([], "none")]
)
def test_a_gpu_that_is_not_there_is_named(gpus: list[Gpu], found: str) -> None:
    """One line says which and what there is."""
    with pytest.raises(InputError) as error:
        choose_gpus(gpus, (3, 0))
    assert error.value.message == f"--gpus names GPU 3, but {found} can be used here."


def test_memory_is_shared_less_what_every_process_takes_besides() -> None:
    """Two workers on 10 GiB: 5120 MiB each, of which 768 are outside TensorFlow's pool."""
    assert memory_share(GPUS[0], 2) == 5120 - OUTSIDE_POOL
    assert memory_share(GPUS[0], 1) is None
    assert memory_share(Gpu("0"), 4) is None  # unknown: TensorFlow takes what it needs
    with pytest.raises(InputError, match="too little for 9 workers"):
        memory_share(GPUS[0], 9)


@pytest.fixture
def three_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "visible_gpus", lambda: GPUS)
    monkeypatch.setattr(devices, "has_libraries", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("three_gpus")
@pytest.mark.parametrize(
    ("asked", "names", "limited"),
    [
        ((None, None, None), "012", False),
        ((None, (0, 2), None), "02", False),
        ((None, (2, 0), 2), "2020", True),
        ((2, None, None), "01", False),
        ((4, None, None), "0120", True),  # the one alone on its GPU has no more than the others
        ((5, None, 2), "01201", True),
    ],
)
def test_workers_go_to_the_gpus_in_turn(
    asked: tuple[int | None, tuple[int, ...] | None, int | None], names: str, limited: bool
) -> None:
    """One a GPU by default; as many as are asked for, spread evenly."""
    slots = place_workers(*asked).slots
    assert "".join(slot.gpu or "-" for slot in slots) == names
    assert {slot.memory is not None for slot in slots} == {limited}


@pytest.mark.usefixtures("three_gpus")
def test_more_workers_than_were_allowed_a_gpu_are_refused() -> None:
    """The message says how many fit."""
    with pytest.raises(InputError) as error:
        place_workers(7, None, 2)
    assert error.value.hint == "Give --workers 6, or more with --workers-per-gpu."


@pytest.mark.usefixtures("three_gpus")
def test_a_placement_for_fewer_trials_uses_fewer_gpus() -> None:
    """The plan names only the GPUs that will be used; threads are shared by fewer."""
    limited = place_workers(None).limited(1)
    assert [gpu.name for gpu in limited.gpus] == ["0"]
    assert limited.threads == available_cores()


@pytest.mark.usefixtures("three_gpus")
def test_gpus_can_be_left_alone() -> None:
    """`--gpus none` hides them from the workers and from the probe."""
    placement = place_workers(2, ())
    assert [slot.environment for slot in placement.slots] == [{"CUDA_VISIBLE_DEVICES": ""}] * 2
    assert placement.side_slot.environment == {"CUDA_VISIBLE_DEVICES": ""}
    assert placement.describe().startswith("GPUs left alone: 2 workers with ")


@pytest.mark.usefixtures("three_gpus")
def test_gpus_without_libraries_are_used_only_if_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop with an NVIDIA driver runs the demo; who names a GPU is told that it cannot be."""
    monkeypatch.setattr(devices, "has_libraries", lambda: False)
    placement = place_workers(1)
    assert placement.slots[0].gpu == ""
    assert placement.describe().startswith(
        "3 GPUs not used, CUDA's libraries are missing (make install GPU=1): 1 worker with "
    )
    assert place_workers(1, (2,)).slots[0].gpu == "2"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    assert place_workers(1).slots[0].gpu == "0"


def test_libraries_are_found_where_the_loader_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clusters give CUDA by modules, which set LD_LIBRARY_PATH."""
    (tmp_path / "libcudnn.so.9").touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/nowhere:{tmp_path}")
    assert has_libraries()


@pytest.mark.usefixtures("driver")
def test_without_gpus_the_threads_are_shared() -> None:
    """The plan says it in one line, and processes keep their environment."""
    placement = place_workers(1)
    cores = available_cores()
    threads = "1 thread" if cores == 1 else f"{cores} threads"
    assert placement.describe() == f"no GPU: 1 worker with {threads}"
    assert placement.slots[0].environment == {}
    with pytest.raises(InputError, match="--workers-per-gpu is given, but there is no GPU"):
        place_workers(None, None, 2)


@pytest.mark.usefixtures("three_gpus")
def test_a_placement_tells_gpus_and_limits() -> None:
    """Two workers on each of two: 4.2 GiB each (10 GiB / 2 less 0.75)."""
    text = place_workers(None, (0, 1), 2).describe()
    assert text == "4 workers on 2 GPUs, at most 4.2 GiB each: A (0), A (1)"


def test_what_gpus_takes() -> None:
    """Numbers or none; anything else is refused in one line."""
    assert parse_gpus(None) is None
    assert parse_gpus("none") == ()
    assert parse_gpus("0, 2") == (0, 2)
    for text in ("", "a", "0,0", "0,00", "-1", "0;1", "²", "9" * 5000):
        with pytest.raises(InputError, match="Give different numbers such as 0,2, or none"):
            parse_gpus(text)


def test_threads_are_shared_among_the_workers() -> None:
    """Every core once; never none."""
    cores = available_cores()
    assert threads_per_worker(1) == cores
    assert threads_per_worker(cores) == 1
    assert threads_per_worker(10 * cores) == 1


@pytest.mark.parametrize(
    ("text", "granted"),
    [("max 100000", math.inf), ("250000 100000", 2.5), ("50000 100000", 0.5), ("", math.inf)],
)
def test_a_control_group_grants_a_part_of_the_cores(
    tmp_path: Path, text: str, granted: float
) -> None:
    """A container on 64 cores with the time of 2 would be throttled with 64 workers."""
    assert granted_cores(tmp_path / "none") == math.inf
    (tmp_path / "cpu.max").write_text(text)
    assert granted_cores(tmp_path / "cpu.max") == granted


def test_never_more_cores_than_are_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole ones, and one at least."""
    monkeypatch.setattr(devices, "affine_cores", lambda: 8)
    for granted, used in ((math.inf, 8), (2.5, 2), (0.5, 1)):
        monkeypatch.setattr(devices, "granted_cores", lambda granted=granted: granted)
        assert available_cores() == used
        assert place_workers(None, ()).workers <= used
