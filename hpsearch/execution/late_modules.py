"""Modules that are loaded when something of them is used, and not when they are imported.

Unlike `importlib.util.LazyLoader`, they stay unloaded when somebody only looks through all
modules that there are, as `inspect` does whenever it looks for the source of a function.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_LOADING = threading.RLock()


class LateModule(ModuleType):
    """Becomes the module that it stands for as soon as a name is asked of it.

    Asked for one of its parts, a package gives that part and stays unloaded.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__all__", "__version__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if hasattr(self, "__path__") and find_spec(f"{self.__name__}.{name}"):
            return import_module(f"{self.__name__}.{name}")
        load_late(self)
        return ModuleType.__getattribute__(self, name)


class _LateLoader(Loader):
    """Makes late modules; the loader that it stands for is used when they are loaded.

    Args:
        real: That loader.
    """

    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return LateModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""


def load_late(module: ModuleType) -> None:
    """Load a late module now; nothing is done where it has been, or is being, loaded."""
    with _LOADING:
        spec = module.__spec__
        if spec is None or not isinstance(spec.loader, _LateLoader):
            return
        late, spec.loader = spec.loader, spec.loader.real
        module.__loader__ = spec.loader
        try:
            spec.loader.exec_module(module)
        except BaseException:
            spec.loader = module.__loader__ = late
            raise
        module.__class__ = ModuleType


class LateFinder(MetaPathFinder):
    """Finds late modules; a part of a late package is loaded without the package.

    Args:
        names: Of the late modules, in full.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if fullname in self.names else None
        if found is not None and found.loader is not None:
            found.loader = _LateLoader(found.loader)
        return found
