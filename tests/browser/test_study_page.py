"""What a person does with the page of a study, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from hpsearch.report import build_report

Make = Callable[..., Any]
Open = Callable[..., Any]

pytestmark = pytest.mark.slow


def numbers(page: Page) -> list[int]:
    """The trials in the table, from the top."""
    return [int(text) for text in page.locator("#trial-table tbody th").all_inner_texts()]


def heading(page: Page, name: str) -> Any:
    return page.get_by_role("columnheader", name=name, exact=True)


def test_trials_are_sorted_by_a_heading_and_back(open_page: Open, page_file: Path) -> None:
    """What has no value comes last in both directions."""
    page = open_page(page_file).page
    heading(page, "val_accuracy").get_by_role("button").click()
    assert heading(page, "val_accuracy").get_attribute("aria-sort") == "ascending"
    assert numbers(page) == [*range(14)]
    heading(page, "val_accuracy").get_by_role("button").click()
    assert heading(page, "val_accuracy").get_attribute("aria-sort") == "descending"
    assert numbers(page) == [*range(11, -1, -1), 12, 13]
    heading(page, "seconds").get_by_role("button").click()
    assert heading(page, "val_accuracy").get_attribute("aria-sort") is None
    assert numbers(page)[:3] == [11, 10, 9]  # 9, 10, 11 seconds


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("failed", [13]),
        ("state=pruned", [12]),
        ("val_accuracy>=0.6", [10, 11]),
        ("filters=12 val_accuracy<0.54", [1, 3]),
        ("learning_rate=0.05", [13]),
        ("nothing like this", []),
    ],
)
def test_trials_are_filtered(
    open_page: Open, page_file: Path, typed: str, shown: list[int]
) -> None:
    page = open_page(page_file).page
    page.get_by_label("Show trials with").fill(typed)
    assert numbers(page) == shown
    assert page.locator(".filter output").inner_text() == f"{len(shown)} of 14 trials"


def test_a_trial_opens_with_all_that_is_known_of_it(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file).page
    page.get_by_role("button", name="Open trial 11").click()
    dialog = page.get_by_role("dialog", name="Trial 11, the winner")
    words = " ".join(dialog.inner_text().split())
    assert "learning_rate 0.0001 filters 12" in words
    assert "val_accuracy 0.6100 best epoch 3 epochs 3 seconds 9" in words
    assert "build 0.25 train 1.5" in words
    charts = dialog.get_by_role("img")
    assert [chart.get_attribute("aria-label") for chart in charts.all()] == [
        "accuracy over 3 epochs: training from 0.4 to 0.8, validation from 0.3 to 0.61",
        "loss over 3 epochs: training from 1.2 to 0.4, validation from 1.4 to 0.78",
    ]
    dialog.get_by_text("Numbers by epoch").click()
    row = dialog.get_by_role("row", name="2 0.7 0.51 0.6 0.98")
    assert row.count() == 1


def test_a_failed_trial_says_why_and_its_text_is_only_text(
    open_page: Open, page_file: Path
) -> None:
    page = open_page(page_file, "#trial-13").page
    dialog = page.get_by_role("dialog", name="Trial 13")
    assert "</script><script>alert('run')</script> too small" in dialog.inner_text()


def test_opening_and_leafing_needs_the_keyboard_only(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file).page
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.get_by_role("button", name="Open trial 2").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog", name="Trial 2").is_visible()
    assert page.url.endswith("#trial-2")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("dialog", name="Trial 3").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert page.locator(":focus").get_attribute("aria-label") == "Open trial 2"
    assert "#" not in page.url


def test_a_foreign_script_in_the_page_does_not_run(
    open_page: Open, page_file: Path, tmp_path: Path
) -> None:
    text = page_file.read_text(encoding="utf-8")
    changed = tmp_path / "index.html"
    changed.write_text(text.replace("</main>", "<script>window.foreign = 1</script></main>"))
    opened = open_page(changed)
    assert opened.page.evaluate("window.foreign") is None
    assert "Content Security Policy" in opened.errors.pop()


def test_without_scripts_the_table_is_there(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file, java_script_enabled=False).page
    assert numbers(page) == [*range(14)]
    assert page.get_by_label("Show trials with").count() == 0


def test_many_trials_come_a_hundred_at_a_time(
    open_page: Open, make_study: Make, trial: Make
) -> None:
    page = open_page(build_report(make_study([trial(n / 250) for n in range(250)]))).page
    assert numbers(page) == [*range(100)]
    assert page.locator(".filter output").inner_text() == "1–100 of 250 trials"
    page.get_by_role("button", name="next →").click()
    page.get_by_role("button", name="next →").click()
    assert numbers(page) == [*range(200, 250)]
    assert page.get_by_role("button", name="next →").is_disabled()


def test_long_histories_are_thinned_and_keep_their_epochs(
    open_page: Open, make_study: Make, trial: Make, history: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40 numbers 10 may stay, so every fourth epoch does, and the best and the last."""
    monkeypatch.setattr("hpsearch.report.trial_data.MOST_NUMBERS", 10)
    measured = history([n / 10 for n in range(10)], [n / 20 for n in range(10)])
    one = trial(0.3, {}, history=measured, best_epoch=7, epochs=10)
    page = open_page(build_report(make_study([one])), "#trial-0").page
    page.get_by_text("Numbers by epoch").click()
    rows = page.locator("dialog tbody tr").all_inner_texts()
    assert [row.split()[:2] for row in rows] == [
        ["1", "0"],
        ["5", "0.4"],
        ["7", "0.6"],
        ["9", "0.8"],
        ["10", "0.9"],
    ]
    assert page.get_by_text("Every 4 epochs, the best and the last.").is_visible()


CONTRASTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const worst = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility() || node.disabled) continue;
    const style = getComputedStyle(node);
    const ink = node.ownerSVGElement ? style.fill : style.color;
    const [a, b] = [light(rgba(ink)), light(behind(node))].sort((x, y) => y - x);
    worst.push([(a + 0.05) / (b + 0.05), node.tagName + "." + node.getAttribute("class")]);
  }
  return worst.sort((x, y) => x[0] - y[0]).slice(0, 5);
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "#trial-11"])
def test_every_text_stands_out(open_page: Open, page_file: Path, scheme: str, address: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5 to 1."""
    page = open_page(page_file, address, color_scheme=scheme).page
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) == 5
    assert contrasts[0][0] >= 4.5, contrasts


@pytest.mark.parametrize("address", ["", "#trial-11"])
def test_a_telephone_needs_no_scrolling_sideways(
    open_page: Open, page_file: Path, address: str
) -> None:
    page = open_page(page_file, address, viewport={"width": 380, "height": 800}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    if address:
        assert (
            page.evaluate("(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))")
            <= 0
        )


def test_the_overview_sorts_and_complains_of_nothing(
    open_page: Open, make_study: Make, trial: Make
) -> None:
    coarse = make_study([trial(0.5), trial(0.6)])
    make_study([trial(0.9)], "fine", "fine", **{"from": str(coarse)})
    page = open_page(build_report(coarse.parent)).page
    names = page.locator("table.sortable tbody th")
    assert names.all_inner_texts() == ["coarse", "fine"]
    for _ in range(2):
        heading(page, "best").get_by_role("button").click()
    assert names.all_inner_texts() == ["fine", "coarse"]
