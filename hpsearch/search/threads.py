"""Keeping linear algebra on one thread: for small matrices more only get in each other's way."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


@cache
def _controller() -> Any:
    import scipy.linalg  # noqa: F401  (so that its library is among those found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """A context in which BLAS uses one thread.

    With two, on two cores busy with training, a proposal took up to a hundred times as long.
    """
    context: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return context
