"""Says in one line, with the fix, what keeps this machine from installing or using hpsearch.

Run by `make install`: `before-install` by the Python that will make the virtual environment,
`after-install` by the one inside it.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

GIGABYTE = 10**9
REINSTALL_GIGABYTES = 1.0  # what pip may need when tensorflow is already there


def disk_problem(folder: Path, needed_gigabytes: float) -> str | None:
    """What to say when the disk of `folder`, which need not exist yet, has too little space."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free / GIGABYTE
    if free >= needed_gigabytes:
        return None
    return (
        f"hpsearch needs {needed_gigabytes:g} GB for {folder}, but only {free:.1f} GB are free "
        f"there. Free some space, or install elsewhere: make install VENV=/path/on/a/larger/disk"
    )


def venv_problem() -> str | None:
    """What to say when this Python cannot make virtual environments (Debian's bare python3)."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return None
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"{sys.executable} cannot make virtual environments: its venv or ensurepip is missing. "
        f"Install it (Debian, Ubuntu: sudo apt install python{version}-venv) and run make again."
    )


def other_python_problem(wanted: str) -> str | None:
    """What to say when this virtual environment was made by another Python than `wanted`."""
    command = [wanted, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    present = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version == present:
        return None
    return (
        f"{sys.prefix} was made with Python {present}, not {version or wanted}. "
        f"To make it anew: make clean && make install PYTHON={wanted}"
    )


def nvidia_gpus() -> list[str]:
    """The NVIDIA GPUs the driver knows, one line each; none without a driver."""
    if shutil.which("nvidia-smi") is None:
        return []
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    return [line for line in listing.stdout.splitlines() if line.startswith("GPU ")]


def tensorflow_gpus() -> int:
    """How many GPUs TensorFlow can use; asked in another process, whose chatter is dropped."""
    question = "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))"
    command = [sys.executable, "-c", question]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return int(answer[-1]) if answer else 0


def gpu_problem(num_nvidia: int, num_tensorflow: int, *, cuda_installed: bool) -> str | None:
    """What to say when there are NVIDIA GPUs that TensorFlow does not see."""
    if num_nvidia == 0 or num_tensorflow > 0:
        return None
    fix = (
        "Update the NVIDIA driver (CUDA 12.5 or newer in the corner of `nvidia-smi`)"
        if cuda_installed
        else "Run: make install GPU=1"
    )
    return f"This machine has {num_nvidia} NVIDIA GPU(s), but TensorFlow sees none of them. {fix}"


def before_install(venv: Path, gigabytes: float) -> list[str]:
    """Problems that make an install into `venv` pointless."""
    installed = any(venv.glob("lib/python*/site-packages/tensorflow"))
    needed = min(gigabytes, REINSTALL_GIGABYTES) if installed else gigabytes
    return [problem for problem in (venv_problem(), disk_problem(venv, needed)) if problem]


def warn_about_gpus() -> None:
    """Prints a warning when TensorFlow would train on the CPU beside an NVIDIA GPU."""
    gpus = nvidia_gpus()
    if not gpus:
        return
    cuda_installed = importlib.util.find_spec("nvidia") is not None
    warning = gpu_problem(len(gpus), tensorflow_gpus(), cuda_installed=cuda_installed)
    if warning:
        print(warning, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Checks what the command line asks for; 1 when something must be fixed first."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    before = commands.add_parser("before-install")
    before.add_argument("--venv", type=Path, required=True)
    before.add_argument("--gigabytes", type=float, required=True)
    after = commands.add_parser("after-install")
    after.add_argument("--python", help="the Python that was asked for")
    options = parser.parse_args(arguments)

    if options.command == "before-install":
        problems = before_install(options.venv, options.gigabytes)
    else:
        wrong = other_python_problem(options.python) if options.python else None
        problems = [wrong] if wrong else []
        warn_about_gpus()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
