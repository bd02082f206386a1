"""Reports of whole studies: complete, self-contained, escaped, whatever the trials were."""

from __future__ import annotations

import errno
import html.parser
import itertools
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import hpsearch
from hpsearch.analysis.importance import Importance
from hpsearch.errors import StudyError
from hpsearch.report import build_report
from hpsearch.spaces import Float
from hpsearch.storage.atomic import write_json

Make = Callable[..., Any]
FIGURES = ("learning-curves", "best-so-far", "importance", "slices", "parallel-coordinates")


@pytest.fixture
def some_trials(trial: Make, history: Make) -> Callable[[int], list[dict[str, Any]]]:
    def make(count: int) -> list[dict[str, Any]]:
        return [
            trial(
                0.5 + 0.01 * i,
                {"learning_rate": 10.0 ** -(i % 4 + 1), "filters": (6, 12)[i % 2]},
                history=history([0.4, 0.7], [0.3, 0.5 + 0.01 * i]),
                best_epoch=2,
                seconds=2.0,
            )
            for i in range(count)
        ]

    return make


class Page(html.parser.HTMLParser):
    """What is on a page: its elements, its text, the addresses it would load."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "p", "h1", "h2", "h3", "li", "dt"):
            self.text += " "

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    @property
    def loaded(self) -> list[str]:
        found = [attrs.get("src") for tag, attrs in self.tags]
        found += [attrs.get("href") for tag, attrs in self.tags if tag == "link"]
        return [address for address in found if address]


def test_a_study_gets_its_page_and_figures(make_study: Make, some_trials: Make) -> None:
    directory = make_study(some_trials(12))
    assert build_report(directory) == directory / "report" / "index.html"
    for name in FIGURES:
        with Image.open(directory / "report" / f"{name}.png") as image:
            assert image.width == 1440
        svg = (directory / "report" / f"{name}.svg").read_bytes()
        assert ET.fromstring(svg).tag.endswith("svg")
    assert not list((directory / "report").glob(".*")), "temporary files were left"


def test_the_page_loads_nothing_from_elsewhere(make_study: Make, some_trials: Make) -> None:
    page = Page(build_report(make_study(some_trials(12))))
    assert len([tag for tag, _ in page.tags if tag == "img"]) == len(FIGURES)
    assert all(address.startswith("data:") for address in page.loaded)


def test_every_figure_is_linked_as_a_file(make_study: Make, some_trials: Make) -> None:
    path = build_report(make_study(some_trials(12)))
    links = [str(attrs["href"]) for tag, attrs in Page(path).tags if tag == "a"]
    files = [link for link in links if not link.startswith("#")]
    assert sorted(files) == sorted(f"{name}.{end}" for name in FIGURES for end in ("png", "svg"))
    assert all((path.parent / file).is_file() for file in files)


def test_the_page_says_what_was_found(make_study: Make, some_trials: Make) -> None:
    page = Page(build_report(make_study(some_trials(12))))
    assert "Trial 11 is best: val_accuracy 0.61 after epoch 2 of 2." in page.words
    assert "12 trials: 12 completed, 0 pruned, 0 failed. Training took 24.0 s in all." in page.words
    assert "Generalization gap at that epoch: +0.090" in page.words  # 0.70 - 0.61
    assert "Too few epochs to judge the fit." in page.words


def test_synthetic_data_are_named_in_the_heading(make_study: Make, some_trials: Make) -> None:
    text = build_report(make_study(some_trials(3))).read_text(encoding="utf-8")
    header = text[text.index("<header>") : text.index("</header>")]
    assert "built-in synthetic signs" in header


def test_a_search_score_is_called_optimistic_with_the_command_to_confirm(
    make_study: Make, some_trials: Make
) -> None:
    directory = make_study(some_trials(3))
    words = Page(build_report(directory)).words
    assert "optimistic" in words
    assert f"hpsearch confirm --from {directory}" in words


def test_a_confirm_stage_is_not_told_to_confirm(make_study: Make, some_trials: Make) -> None:
    words = Page(build_report(make_study(some_trials(3), "confirm", "confirm"))).words
    assert "optimistic" not in words
    assert "hpsearch confirm --from" not in words


def test_texts_of_users_are_escaped(make_study: Make, trial: Make) -> None:
    message = "ValueError: <script>alert(1)</script> & more"
    directory = make_study(
        [trial(None, {"<b>": "<i>"}, "failed", failure="error", message=message)],
        name="<img src=x>",
        space=[Float("<b>", 0, 1)],
    )
    page = Page(build_report(directory))
    assert [tag for tag, _ in page.tags if tag in ("img", "b", "i")] == []
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3  # the data and our two
    assert message in page.text


def test_the_page_can_be_read_out(make_study: Make, some_trials: Make) -> None:
    page = Page(build_report(make_study(some_trials(12))))
    headings = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3")]
    assert headings[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(headings))
    assert all(attrs.get("alt") for tag, attrs in page.tags if tag == "img")
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    tables = [tag for tag, _ in page.tags if tag == "table"]
    assert len(tables) == len([tag for tag, _ in page.tags if tag == "caption"])
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_trials(make_study: Make, some_trials: Make, count: int) -> None:
    words = Page(build_report(make_study(some_trials(count)))).words
    assert "Importance cannot be measured" in words
    assert ("No trial has finished yet." in words) is (count == 0)


@pytest.mark.parametrize("state", ["failed", "pruned", "running"])
def test_no_trial_completed(make_study: Make, trial: Make, state: str) -> None:
    trials = [trial(None, {"learning_rate": 0.1}, state, rungs={1: 0.2}) for _ in range(3)]
    words = Page(build_report(make_study(trials))).words
    expected = "No winner yet." if state == "running" else "there is no winner"
    assert expected in words
    assert "optimistic" not in words


@pytest.mark.all
@pytest.mark.timeout(300)
@pytest.mark.slow
def test_sixty_hyperparameters_and_names_in_any_script(make_study: Make, trial: Make) -> None:
    space = [Float(f"größe_{i} 学习率 $x$ \n", 0, 1) for i in range(60)]
    trials = [
        trial(0.01 * n, {p.name: (n * 7 + i) % 13 / 13 for i, p in enumerate(space)})
        for n in range(30)
    ]
    page = Page(build_report(make_study(trials, "名前 é", space=space)))
    assert "Not shown but in the table of trials: 36 further hyperparameters." in page.words
    assert "größe_59 学习率 $x$" in page.words


@pytest.mark.slow
def test_one_hyperparameter(make_study: Make, trial: Make) -> None:
    """Every figure is drawn, or the page says why there is none."""
    space = [Float("learning_rate", 1e-4, 1e-1, sampling="log")]
    trials = [trial(0.5 + 0.02 * n, {"learning_rate": 1e-4 * 1.5**n}) for n in range(14)]
    page = Page(build_report(make_study(trials, space=space)))
    assert "There is no pair to show: fewer than two hyperparameters" in page.words
    assert "A line for every completed trial, from its hyperparameters to its" in page.words
    assert "All models had the same number of parameters, or it was not recorded." in page.words
    figures = [attrs for tag, attrs in page.tags if attrs.get("class") == "picture"]
    told = [attrs for tag, attrs in page.tags if attrs.get("class") == "missing"]
    drawn = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(figures) == len(told) + len(drawn)


def test_failures_show_kind_message_and_second_try(make_study: Make, trial: Make) -> None:
    traceback = "Traceback (most recent call last):\n  a\n  b\n  c\nValueError: too small"
    trials = [
        trial(None, {}, "failed", failure="lost", message="The worker vanished."),
        trial(0.5, {}, retry_of=0),
        trial(None, {}, "failed", failure="error", message=traceback),
    ]
    words = Page(build_report(make_study(trials))).words
    assert "0 lost The worker vanished. trial 1" in words
    assert "2 error Traceback (most recent call last): a b … ValueError: too small –" in words


def test_a_study_of_failures_begins_with_them(make_study: Make, trial: Make) -> None:
    """What went wrong is all there is to see; with a winner it comes after the trials."""
    failures = [trial(None, {}, "failed", failure="oom", message=text) for text in ("a", "b", "b")]
    page = Page(build_report(make_study(failures, "failed")))
    sections = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert sections[:2] == ["summary", "failures"]
    assert "there is no winner: 2 of 3 trials failed with b (oom)." in page.words
    page = Page(build_report(make_study([trial(0.5), trial(None, {}, "failed")])))
    sections = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert sections[-3:] == ["trials", "failures", "provenance"]


def test_narrowing_is_shown_with_its_reasons(make_study: Make, some_trials: Make) -> None:
    directory = make_study(some_trials(3))
    shown = Importance("learning_rate", 0.31, 0.2, 0.4, 0.05, 0.001, {}, 3, None)
    entry: dict[str, Any] = {"name": "learning_rate", "decision": "shrink"}
    entry |= {"importance": shown.to_json()}
    entry |= {"before": "1e-05 … 0.1 (log)", "after": "0.0003 … 0.01 (log)", "reason": "Because."}
    settings = {"risk": 0.05, "keep": [], "fix": {}}
    facts = {"note": "So far.", "settings": settings, "fit_quality": 0.8}
    write_json(directory / "narrowing.json", {**facts, "hyperparameters": [entry]})
    words = Page(build_report(directory)).words
    expected = (
        "learning_rate 0.31 (0.20–0.40) shrink 1e-05 … 0.1 (log) 0.0003 … 0.01 (log) Because."
    )
    assert expected in words


def test_an_old_figure_that_no_longer_holds_is_removed(make_study: Make) -> None:
    directory = make_study([])
    stale = [directory / "report" / name for name in ("slices.png", "slices.svg")]
    stale[0].parent.mkdir()
    for file in stale:
        file.write_bytes(b"old")
    build_report(directory)
    assert not any(file.exists() for file in stale)


def test_several_studies_get_an_overview(make_study: Make, some_trials: Make) -> None:
    coarse = make_study(some_trials(3))
    fine = make_study(some_trials(5), "fine", "fine", **{"from": "results/coarse"})
    page = build_report(coarse.parent)
    assert page == coarse.parent / "report" / "index.html"
    assert (coarse / "report" / "index.html").is_file()
    assert (fine / "report" / "index.html").is_file()
    read = Page(page)
    links = [a["href"] for tag, a in read.tags if tag == "a" and "report/index" in str(a["href"])]
    assert set(links) == {"../coarse/report/index.html", "../fine/report/index.html"}
    assert all((page.parent / str(link)).is_file() for link in links)
    expected = "fine's winner is better than coarse's: val_accuracy 0.54 against 0.52 (+0.0200)"
    assert expected in read.words


def test_the_same_study_given_twice_is_one(make_study: Make, some_trials: Make) -> None:
    directory = make_study(some_trials(1))
    assert build_report([directory, directory]) == directory / "report" / "index.html"


def test_out_names_the_folder_of_the_page(
    make_study: Make, some_trials: Make, tmp_path: Path
) -> None:
    page = build_report(make_study(some_trials(1)), out=tmp_path / "elsewhere")
    assert page == tmp_path / "elsewhere" / "index.html"
    assert page.is_file()


def test_a_directory_without_a_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=f"No study in {tmp_path}"):
        build_report([tmp_path])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StudyError, match="there is no such directory"):
        build_report([tmp_path / "nope"])


def test_an_unreadable_study_among_others_is_named_on_the_overview(
    make_study: Make, some_trials: Make, caplog: pytest.LogCaptureFixture
) -> None:
    make_study(some_trials(1))
    broken = make_study(some_trials(1), "broken")
    (broken / "study.json").write_text("{", encoding="utf-8")
    root = broken.parent
    words = Page(build_report(root)).words
    assert "Studies that cannot be read" in words
    assert str(broken) in words
    with pytest.raises(StudyError, match="no valid JSON"):
        build_report([root / "coarse", broken])


FOREIGN = '{"op_code": 0, "worker_id": "w", "study_name": "other", "directions": [1]}\n'


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("study.json", "{", "is no valid JSON"),
        ("study.json", '{"schema_version": 1}', "is damaged: stage is missing"),
        ("study.json", '{"schema_version": 2, "hpsearch": "9.0"}', "hpsearch 9.0"),
        ("space.json", "[", "is no valid JSON"),
        ("winner.json", "{", "is no valid JSON"),
        ("study.journal", "", "holds no study"),
        ("study.journal", "not a journal\n", "study.journal"),
        ("study.journal", FOREIGN, "holds no study"),
        ("study.journal", '{"op_code": 4}\n', "is no journal of hpsearch"),
    ],
)
def test_whatever_is_wrong_with_a_study_the_others_get_their_report(
    make_study: Make, trial: Make, file: str, content: str, reason: str
) -> None:
    make_study([trial(0.5)])
    broken = make_study([trial(0.5)], "broken")
    (broken / file).write_text(content, encoding="utf-8")
    page = build_report(broken.parent)
    words = Page(page).words
    assert "Studies that cannot be read" in words
    assert reason in words[words.index("Studies that cannot be read") :]
    assert (broken.parent / "coarse" / "report" / "index.html").is_file()
    with pytest.raises(StudyError):
        build_report(broken)


def test_a_torn_last_line_is_no_damage(make_study: Make, trial: Make) -> None:
    directory = make_study([trial(0.5), trial(0.6)])
    journal = directory / "study.journal"
    journal.write_bytes(journal.read_bytes() + b'{"op_code": 4, "tri')
    assert "2 trials: 2 completed" in Page(build_report(directory)).words


def test_a_directory_that_cannot_be_listed_is_named(
    make_study: Make, trial: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_study([trial(0.5)]).parent
    (root / "locked").mkdir()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    words = Page(build_report(root)).words
    assert f"{root / 'locked'} Permission denied" in words
    with pytest.raises(StudyError, match=r"that can be read .*locked: Permission denied"):
        build_report(root / "locked")


def test_damaged_reasons_of_narrowing_are_left_out(make_study: Make, trial: Make) -> None:
    directory = make_study([trial(0.5)])
    (directory / "narrowing.json").write_text("{")
    assert "Narrowing" not in Page(build_report(directory)).words


def test_the_package_is_also_the_verb(make_study: Make, some_trials: Make) -> None:
    directory = make_study(some_trials(1))
    assert hpsearch.report(directory) == build_report(directory)


def test_importing_the_report_loads_nothing_heavy() -> None:
    code = (
        "import json, sys, hpsearch.report; "
        "heavy = {'matplotlib', 'jinja2', 'pandas', 'PIL', 'optuna', 'tensorflow', 'keras'}; "
        "print(json.dumps(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
