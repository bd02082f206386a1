"""What the project's own files promise: packaging, pins, make targets, checks that do check."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as from a fresh shell, also when these tests run under make."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def script(name: str) -> Path:
    return Path(sys.executable).with_name(name)


# --- packaging ---------------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as `pip install` would into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


@pytest.mark.slow
def test_the_wheel_holds_every_space_file_and_no_other_top_level(unpacked_wheel: Path) -> None:
    shipped = {path.name for path in (unpacked_wheel / "hpsearch/_search_spaces").glob("*.py")}
    assert shipped == {path.name for path in (ROOT / "search_spaces").glob("*.py")}
    assert "gtsrb_lenet.py" in shipped
    top_level = {path.name for path in unpacked_wheel.iterdir() if path.suffix != ".dist-info"}
    assert top_level == {"hpsearch"}


@pytest.mark.slow
def test_the_wheel_holds_everything_in_the_package(unpacked_wheel: Path) -> None:
    """Templates and style sheets too, not only Python files."""
    package = ROOT / "hpsearch"
    present = {path.relative_to(ROOT) for path in package.rglob("*") if path.is_file()}
    present = {path for path in present if "__pycache__" not in path.parts}
    shipped = {path.relative_to(unpacked_wheel) for path in unpacked_wheel.rglob("*")}
    assert present - shipped == set()


@pytest.mark.slow
def test_spaces_are_found_after_a_plain_install(unpacked_wheel: Path, tmp_path: Path) -> None:
    """Far from any checkout: only what the wheel brought is there to be found."""
    answer = run(
        sys.executable, "-m", "hpsearch", "spaces", cwd=tmp_path, PYTHONPATH=str(unpacked_wheel)
    )
    assert answer.returncode == 0, answer.stderr
    assert "gtsrb_lenet" in answer.stdout + answer.stderr


# --- versions ----------------------------------------------------------------


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [line.partition("#")[0].strip() for line in lines]
    return dict(line.split("==") for line in requirements if line)


def test_every_requirement_is_pinned_to_a_version_it_allows() -> None:
    project = PROJECT["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    wanted += PROJECT["build-system"]["requires"]
    for requirement in map(Requirement, wanted):
        if requirement.name == project["name"]:
            continue  # its own extras, which are looked at above
        pin = pins().get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement.name} has no line in constraints.txt"
        assert requirement.specifier.contains(pin), f"{requirement} does not allow {pin}"


def test_pins_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    odd = [line for line in pinned if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ;.+)?", line)]
    assert odd == []
    assert pinned == sorted(pinned)


# --- files -------------------------------------------------------------------

# What ties a file to one machine or one package index, never to be committed.
MACHINE = re.compile(
    r"--(?:extra-)?index-url|--find-link[s]|https?://[^\s)\"'>]+/simple\b"
    r"|file:/{3}|(?<![\w.])/(?:root|opt|work|workspace)/"
    r"|/home/(?!you\b|user\b)[a-z]|/Users/[a-z]|\.\./shared\b"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pip install " + "--index" + "-url x", True),
        ("at /root" + "/.cache", True),
        ("see .." + "/shared/design.md", True),
        ("built in /wor" + "k/anything/here", True),
        ("network/work/flow", False),
        ("files in /home/" + "anna/data", True),
        ("sbatch from /home/you/project", False),
        ("https://keepachangelog.com/en/1.1.0/", False),
        ("results/coarse", False),
    ],
)
def test_machine_paths_are_recognised(text: str, found: bool) -> None:
    assert bool(MACHINE.search(text)) is found


@pytest.fixture
def git(tmp_path: Path) -> tuple[str, ...]:
    """Git with an empty index over the project's files: works in an unpacked archive as well."""
    run("git", "init", "--quiet", "--bare", str(tmp_path / "empty.git"))
    return ("git", f"--git-dir={tmp_path / 'empty.git'}", f"--work-tree={ROOT}")


def test_no_file_names_a_machine_or_a_package_index(git: tuple[str, ...]) -> None:
    listed = run(*git, "ls-files", "-z", "--others", "--exclude-standard").stdout
    listed += run("git", "ls-files", "-z", "--cached").stdout  # also what is ignored but tracked
    paths = [ROOT / name for name in listed.split("\0") if name]
    assert ROOT / "pyproject.toml" in paths
    hits = []
    for path in paths:
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            text = content.decode("utf-8", errors="replace")
            hits += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in MACHINE.finditer(text)]
    assert hits == []


def test_git_ignores_run_directories_but_not_the_page_about_them(git: tuple[str, ...]) -> None:
    ignored = run(*git, "check-ignore", "results/coarse/study.json", "results/README.md", ".venv/")
    assert ignored.stdout.split() == ["results/coarse/study.json", ".venv/"]


# --- make --------------------------------------------------------------------


def test_help_lists_every_target_people_use() -> None:
    listed = {line.split()[0] for line in run("make", "help").stdout.splitlines()}
    promised = "help install demo report check test test-all lint format types layers docs clean"
    assert set(promised.split()) <= listed
    phony = re.search(r"^\.PHONY: (help .*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert listed == set(phony.group(1).split())


def test_ci_runs_the_same_targets_as_people() -> None:
    ci = ROOT / ".ci" / "run"
    assert os.access(ci, os.X_OK)
    commands = [line.split("#")[0].strip() for line in ci.read_text(encoding="utf-8").splitlines()]
    targets = [line.removeprefix("make ") for line in commands if line.startswith("make ")]
    assert targets == ["debian-packages", "check", "test-long", "test"]


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """What an install reads, with no virtual environment yet."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    return tmp_path


def fake_python(folder: Path, body: str) -> Path:
    program = folder / "fake-python"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('case "$2" in *platform*) echo 3.9.18;; *) exit 1;; esac', "is 3.9.18"),
        ("exit 127", "no Python that runs here"),
    ],
)
def test_an_unfit_python_is_refused_in_one_line_before_anything_is_made(
    bare_checkout: Path, body: str, says: str
) -> None:
    python = fake_python(bare_checkout, body)
    refused = run("make", "install", f"PYTHON={python}", cwd=bare_checkout)
    told = [line for line in refused.stderr.splitlines() if not line.startswith("make")]
    assert refused.returncode != 0
    assert len(told) == 1
    assert says in told[0]
    assert "make install PYTHON=python3.12" in told[0]
    assert not (bare_checkout / ".venv").exists()


def test_a_full_disk_is_refused_in_one_line_before_anything_is_made(bare_checkout: Path) -> None:
    refused = run(
        "make", "install", f"PYTHON={sys.executable}", "DISK_GB=100000", cwd=bare_checkout
    )
    told = [line for line in refused.stderr.splitlines() if not line.startswith("make")]
    assert refused.returncode != 0
    assert len(told) == 1
    assert "needs 100000 GB" in told[0]
    assert not (bare_checkout / ".venv").exists()


@pytest.fixture(scope="module")
def check_machine() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_machine", ROOT / "tools/check_machine.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_unseen_gpu_gets_the_fix_that_fits(check_machine: ModuleType) -> None:
    assert check_machine.gpu_problem(0, 0, cuda_installed=False) is None
    assert check_machine.gpu_problem(2, 2, cuda_installed=True) is None
    assert "make install GPU=1" in check_machine.gpu_problem(1, 0, cuda_installed=False)
    assert "Update the NVIDIA driver" in check_machine.gpu_problem(1, 0, cuda_installed=True)


def test_without_a_driver_tensorflow_is_not_even_asked(
    check_machine: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_machine.nvidia_gpus() == []


# --- checks that do check ------------------------------------------------------


def ruff_finds(source: str, filename: str) -> set[str]:
    command = [script("ruff"), "check", "--output-format", "concise", "--stdin-filename", filename]
    answer = subprocess.run(
        [*command, "-"], input=source, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return set(re.findall(r": ([A-Z]+\d+) ", answer.stdout))


@pytest.mark.parametrize(
    "package",
    ["tensorflow", "keras", "keras_tuner", "optuna", "pandas", "matplotlib.pyplot", "sklearn"],
)
def test_lint_keeps_heavy_imports_out_of_module_level(package: str) -> None:
    source = f'"""Says something."""\n\nimport {package} as heavy\n\n__all__ = ["heavy"]\n'
    assert "TID253" in ruff_finds(source, "hpsearch/stages/coarse.py")
    assert "TID253" not in ruff_finds(source, "search_spaces/anything.py")


def test_lint_lets_only_the_command_line_print() -> None:
    source = '"""Says something."""\n\nprint("hello")\n'
    assert "T201" in ruff_finds(source, "hpsearch/stages/coarse.py")
    assert "T201" not in ruff_finds(source, "hpsearch/cli/commands.py")


@pytest.fixture
def layered_copy(tmp_path: Path) -> Path:
    """The package as it stands, with the contract, free to be broken."""
    shutil.copytree(
        ROOT / "hpsearch", tmp_path / "hpsearch", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(script("lint-imports"), "--no-cache", cwd=folder, PYTHONPATH=str(folder))


@pytest.mark.slow
def test_layers_notice_an_import_that_goes_upwards(layered_copy: Path) -> None:
    with (layered_copy / "hpsearch" / "errors.py").open("a", encoding="utf-8") as errors:
        errors.write("\nimport hpsearch.cli\n")
    broken = lint_imports(layered_copy)
    assert broken.returncode == 1
    assert "hpsearch.errors -> hpsearch.cli" in broken.stdout


@pytest.mark.slow
def test_layers_notice_a_module_that_has_no_layer(layered_copy: Path) -> None:
    (layered_copy / "hpsearch" / "utils.py").write_text('"""Misplaced."""\n', encoding="utf-8")
    broken = lint_imports(layered_copy)
    assert broken.returncode == 1
    assert "- hpsearch.utils" in broken.stdout


def test_every_ruff_ignore_carries_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = text[text.index("\nignore = [") : text.index("[tool.ruff.lint.pydocstyle]")]
    bare = [line for line in lint.splitlines() if re.match(r'\s+"[A-Z]+\d*",\s*$', line)]
    assert bare == []


def test_pages_about_decisions_are_numbered_once_and_complete() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert pages
    numbers = [page.name[:4] for page in pages]
    assert len(numbers) == len(set(numbers))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        missing = [
            part for part in ("Context", "Decision", "Consequences") if f"## {part}" not in text
        ]
        assert not missing, f"{page.name} lacks {missing}"
