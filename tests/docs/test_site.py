"""The site is built without a warning, loads nothing from elsewhere, and lists what there is."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.documented import ROOT

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""Elements that make a browser load something, and where they say what."""


def build(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    words = ["build", "--strict", "--config-file", str(config), "--site-dir", str(site)]
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *words],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT / "mkdocs.yml", folder)
    assert built.returncode == 0, built.stderr
    return folder


class Loads(HTMLParser):
    """What a page has a browser load by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADED.get(tag, ""))
        if address:
            self.addresses.append(address)


def loads_of(html: str) -> list[str]:
    loads = Loads()
    loads.feed(html)
    return loads.addresses


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    """Who reads them offline sees the same, and nobody else learns who reads them."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    elsewhere = re.compile(r"^(?:https?:)?//")
    found = {
        f"{page.relative_to(site)}: {address}"
        for page in pages
        for address in loads_of(page.read_text(encoding="utf-8"))
        if elsewhere.match(address)
    }
    assert found == set()
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(?:url\(|@import )[\"']?(?:https?:)?//", text), sheet.name


def test_a_script_from_elsewhere_would_be_found() -> None:
    assert loads_of('<script src="https://a.example/x.js"></script><a href="//b">') == [
        "https://a.example/x.js"
    ]


@pytest.mark.slow
def test_public_names_are_explained(site: Path) -> None:
    """The page about Python has the docstrings, not only the names."""
    text = (site / "reference" / "api.html").read_text(encoding="utf-8")
    assert "Search the whole space with many short trials" in text  # of coarse
    assert "Keras Tuner offers no way" in text  # of OptunaOracle
    assert 'id="hpsearch.search.optimize.optimize"' in text


@pytest.mark.slow
def test_every_decision_is_listed(site: Path) -> None:
    text = (site / "decisions" / "index.html").read_text(encoding="utf-8")
    missing = [
        page.stem
        for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md")
        if f'href="{page.stem}.html"' not in text
    ]
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("See [there](nowhere.md).", "nowhere.md"),
        ("See [there](#nowhere).", "#nowhere"),
    ],
)
def test_a_broken_link_ends_the_build(tmp_path: Path, page: str, says: str) -> None:
    """The build is as strict as `make check` believes."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Page\n\n{page}\n", encoding="utf-8")
    config = tmp_path / "mkdocs.yml"
    only_strictness = "nav: [index.md]\nplugins: []\nhooks: []\nextra_css: []\n"
    config.write_text(f"INHERIT: {ROOT / 'mkdocs.yml'}\n{only_strictness}", encoding="utf-8")
    built = build(config, tmp_path / "site")
    assert built.returncode != 0
    assert says in built.stderr


# --- generated pages ---------------------------------------------------------


@pytest.fixture
def api_tool() -> ModuleType:
    """tools/generate_api_reference.py, which is a script and no part of a package."""
    file = ROOT / "tools" / "generate_api_reference.py"
    spec = importlib.util.spec_from_file_location("generate_api_reference", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stale_page_of_public_names_fails(
    api_tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tool, "ROOT", tmp_path)
    monkeypatch.setattr(api_tool, "PAGE", tmp_path / "api.md")
    assert api_tool.main(["--check"]) == 1
    assert api_tool.main([]) == 0
    assert api_tool.main(["--check"]) == 0
    (tmp_path / "api.md").write_text("# Python\n", encoding="utf-8")
    assert api_tool.main(["--check"]) == 1


def test_a_public_name_that_no_section_shows_fails(
    api_tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import hpsearch

    monkeypatch.setattr(hpsearch, "__all__", [*hpsearch.__all__, "sweep"])
    assert api_tool.main(["--check"]) == 1
    assert "sweep" in capsys.readouterr().err
