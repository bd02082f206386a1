"""Pages of real studies, opened in headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hpsearch.report import build_report
from hpsearch.storage.atomic import write_json
from tests.conftest import history, trial, write_study

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The browser, by default Debian's."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("There is no Chromium. Run make debian-packages, or set CHROMIUM to its path.")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Root, as CI is, has no sandbox; the pages are our own.
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened(NamedTuple):
    """A page with what it complained about and what it asked for."""

    page: Page
    errors: list[str]
    requests: list[str]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens a file; afterwards nothing may have gone wrong or been asked for."""
    opened: list[Opened] = []

    def open_file(
        path: Path, address: str = "", wait_until: Any = "load", **options: Any
    ) -> Opened:
        page = browser.new_context(**options).new_page()
        found = Opened(page, [], [])
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on("console", lambda message: found.errors.append(message.text))
        page.on("dialog", lambda dialog: found.errors.append(dialog.message))
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto(f"{path.resolve().as_uri()}{address}", wait_until=wait_until)
        opened.append(found)
        return found

    yield open_file
    for found in opened:
        assert found.errors == []
        outside = [url for url in found.requests[1:] if not url.startswith("data:")]
        assert outside == []
        found.page.context.close()


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve trials that completed, one that was pruned and one that failed; narrowed."""
    trials = [
        trial(
            0.5 + 0.01 * n,
            {"learning_rate": 10.0 ** -(n % 4 + 1), "filters": (6, 12)[n % 2]},
            history=history([0.4, 0.7, 0.8], [0.3, 0.4 + 0.01 * n, 0.5 + 0.01 * n]),
            best_epoch=3,
            seconds=float(20 - n),
            epochs=3,
            timings={"build": 0.25, "train": 1.5},
        )
        for n in range(12)
    ]
    pruned = {"learning_rate": 0.1, "filters": 6}
    failed = {"learning_rate": 0.05, "filters": 48}
    message = "ValueError: </script><script>alert('run')</script> too small"
    trials.append(trial(None, pruned, "pruned", rungs={1: 0.2}))
    trials.append(trial(None, failed, "failed", failure="error", message=message))
    directory = write_study(tmp_path_factory.mktemp("results") / "coarse", trials)
    entry = {"name": "filters", "decision": "keep", "importance": None}
    entry |= {"before": "6, 12, 24, 48", "after": "6, 12", "reason": "The others are worse."}
    facts = {"note": "", "settings": {"risk": 0.05, "keep": [], "fix": {}}, "fit_quality": None}
    write_json(directory / "narrowing.json", {**facts, "hyperparameters": [entry]})
    return directory


@pytest.fixture(scope="session")
def page_file(study: Path) -> Path:
    return build_report(study)
