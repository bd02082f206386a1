"""The other end of `side_process.ask`: one request on standard input, one line in answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.errors import HpsearchError


def answer(work: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """Do what is asked and write what comes of it, or the error that it ends in.

    Args:
        work: Gets the request; its result must be plain JSON.
    """
    request = json.load(sys.stdin)
    try:
        result = dict(work(request))
    except HpsearchError as error:
        result = {"error": {"message": error.message, "hint": error.hint}}
    sys.stdout.write("\n" + json.dumps(result) + "\n")
