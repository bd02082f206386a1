"""From the name a user gives to the search space behind it."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hpsearch.errors import HpsearchError, SpaceError
from hpsearch.spaces.finding import find_spaces
from hpsearch.spaces.quiet_import import without_chatter
from hpsearch.spaces.search_space import BuilderSpace, SearchSpace

_FOLDERS: set[Path] = set()
"""Of the space files that this process has run."""


@dataclass(frozen=True)
class LoadedSpace:
    """A search space and where it came from.

    Args:
        name: Short name, for directories and headings.
        reference: What loads it again: an absolute path with an optional `:object`, or
            `module:object`.
        space: The search space.
        code_hash: Hash of the file's parsed code; comments and layout do not change it.
    """

    name: str
    reference: str
    space: SearchSpace
    code_hash: str


def load_space(reference: str) -> LoadedSpace:
    """Load a space by name, by path (`file.py` or `file.py:object`) or as `module:object`.

    Raises:
        SpaceError: There is no such space, or its file cannot be used; names file and line.
    """
    location, _, wanted = reference.partition(":")
    if location.endswith(".py") or "/" in location:
        return _from_file(Path(location), wanted)
    found = find_spaces().get(location)
    if found and found.path:
        return _from_file(found.path, wanted)
    if found:
        location, _, wanted = found.target.partition(":")
    if wanted:
        return _from_module(location, wanted, found.name if found else wanted)
    names = ", ".join(find_spaces()) or "none"
    raise SpaceError(
        f"No search space '{reference}'. Found: {names}.",
        "Give one of these, or a path to a .py file.",
    )


def _from_file(path: Path, wanted: str) -> LoadedSpace:
    if not path.is_file():
        raise SpaceError(f"No space file at {path}.", "Check the path, or list: hpsearch spaces")
    if path.suffix != ".py":
        raise SpaceError(f"{path} is no .py file.", "Give a file of Python code.")
    module = _run_file(path)
    space = _pick(module, wanted, str(path))
    name = f"{path.stem}" if not wanted else f"{path.stem}-{wanted}"
    reference = str(path.resolve()) + (f":{wanted}" if wanted else "")
    return LoadedSpace(name, reference, space, code_hash(path.read_bytes()))


def _from_module(module_name: str, wanted: str, name: str) -> LoadedSpace:
    try:
        module = importlib.import_module(module_name)
    except HpsearchError:
        raise
    except (Exception, SystemExit) as error:
        raise SpaceError(
            f"Cannot import '{module_name}' for the search space: {type(error).__name__}: {error}.",
            "Install the package that has it, or give a path to a .py file.",
        ) from error
    space = _pick(module, wanted, module_name)
    return LoadedSpace(name, f"{module_name}:{wanted}", space, code_hash(inspect.getsource(module)))


def _run_file(path: Path) -> ModuleType:
    """Run a space file; its folder is importable while it runs, for files beside it."""
    module_name = f"hpsearch_space_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    folder = str(path.resolve().parent)
    _forget_namesakes(Path(folder))
    sys.path.insert(0, folder)
    try:
        with without_chatter():
            spec.loader.exec_module(module)
    except HpsearchError:
        raise
    except (Exception, SystemExit) as error:
        raise SpaceError(
            f"{path}, line {_line_of(error, path)}: {type(error).__name__}: {error}.",
            "Mend the space file.",
        ) from error
    finally:
        if folder in sys.path:  # a space file may change the path itself
            sys.path.remove(folder)
    return module


def _forget_namesakes(folder: Path) -> None:
    """Forget modules beside earlier space files that have namesakes beside this one.

    Python knows a module by its name only: `import layers` would give that of another folder.
    """
    others = _FOLDERS - {folder}
    _FOLDERS.add(folder)
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        own = folder / name.partition(".")[0]
        is_here = own.is_dir() or own.with_suffix(".py").is_file()
        if is_here and folder not in file.parents and not others.isdisjoint(file.parents):
            del sys.modules[name]


def _line_of(error: BaseException, path: Path) -> int | str:
    """The last line of the space file that the error passed through."""
    file = path.resolve()
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).resolve() == file:
        return error.lineno or "?"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve() == file
    ]
    return (lines[-1] if lines else None) or "?"


def _pick(module: ModuleType, wanted: str, where: str) -> SearchSpace:
    """The object named by the user, or the only search space of the file."""
    if wanted:
        if not hasattr(module, wanted):
            raise SpaceError(f"{where} has no '{wanted}'.", f"It has: {_offers(module)}.")
        return _as_space(getattr(module, wanted), f"{where}:{wanted}")
    own = {
        thing: None
        for thing in vars(module).values()
        if inspect.isclass(thing)
        and issubclass(thing, SearchSpace)
        and thing.__module__ == module.__name__
    }
    if len(own) == 1:
        return _as_space(next(iter(own)), where)
    if not own and callable(getattr(module, "build", None)):
        return BuilderSpace(module.build)
    what = "several search spaces" if own else "no SearchSpace class and no build(hp)"
    raise SpaceError(
        f"{where} has {what}.", f"Name one as {where}:NAME; it has: {_offers(module)}."
    )


def _offers(module: ModuleType) -> str:
    """Names in the module that could be a space."""
    names = [
        name
        for name, thing in vars(module).items()
        if callable(thing)
        and not name.startswith("_")
        and getattr(thing, "__module__", "") == module.__name__
    ]
    return ", ".join(names) or "nothing that can build a model"


def _as_space(thing: Any, where: str) -> SearchSpace:
    """A search space from a class, an instance, a `HyperModel` or a `build(hp)` function."""
    if inspect.isclass(thing):
        try:
            thing = thing()
        except TypeError as error:
            raise SpaceError(
                f"{where} cannot be made without arguments: {error}.",
                "Give a function or an instance, or defaults to its arguments.",
            ) from error
        except HpsearchError:
            raise
        except Exception as error:
            raise SpaceError(
                f"{where} cannot be made: {type(error).__name__}: {error}.", "Mend the class."
            ) from error
    if isinstance(thing, SearchSpace):
        return thing
    if callable(getattr(thing, "build", None)) or callable(thing):
        return BuilderSpace(thing)
    raise SpaceError(
        f"{where} is a {type(thing).__name__}.",
        "Expected a SearchSpace, a keras_tuner.HyperModel or a function build(hp).",
    )


def code_hash(source: str | bytes) -> str:
    """A hash of parsed Python code: the same whatever the comments and the layout."""
    return hashlib.sha256(ast.dump(ast.parse(source)).encode()).hexdigest()[:16]
