"""Space files: listed without being run, loaded by name, by path and by object."""

import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hpsearch.errors import DataError, SpaceError
from hpsearch.spaces import SearchSpace, find_spaces, load_space
from hpsearch.spaces.loading import code_hash

CLASS = '''"""Tiny nets on dots.

More words.
"""
from hpsearch.spaces import SearchSpace

class Tiny(SearchSpace):
    dataset = Dots(size=3) if False else None

    def build(self, hp):
        return f"built with {hp}"
'''

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current directory with `search_spaces/`; modules loaded from it are forgotten after."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "search_spaces").mkdir()
    before = set(sys.modules)
    yield tmp_path / "search_spaces"
    for name in set(sys.modules) - before:
        del sys.modules[name]


# --- listing ---------------------------------------------------------------------


def test_listing_reads_files_without_running_them(folder: Path) -> None:
    (folder / "tiny.py").write_text(CLASS + "\nopen('ran', 'w')\nraise SystemExit\n")
    found = find_spaces()["tiny"]
    assert found.summary == "Tiny nets on dots."
    assert found.dataset == "Dots(size=3) if False else None"
    assert found.path == (folder / "tiny.py").resolve()
    assert not Path("ran").exists()


def test_the_users_own_file_hides_a_shipped_one(folder: Path) -> None:
    assert "gtsrb_lenet" in find_spaces()
    (folder / "gtsrb_lenet.py").write_text('"""Mine."""\n')
    assert find_spaces()["gtsrb_lenet"].summary == "Mine."


def test_a_dataset_may_be_annotated(folder: Path) -> None:
    (folder / "a.py").write_text("class A:\n    dataset: object = Dots()\n")
    assert find_spaces()["a"].dataset == "Dots()"


def test_unreadable_files_are_listed_as_such_and_folders_are_not(folder: Path) -> None:
    (folder / "broken.py").write_text("class (:\n")
    (folder / "latin.py").write_bytes(b'"""\xe9t\xe9"""\n')
    (folder / "_private.py").write_text("")
    (folder / "folder.py").mkdir()
    (folder / "dangling.py").symlink_to("nowhere.py")
    found = find_spaces()
    assert "cannot be read" in found["broken"].summary
    assert "cannot be read" in found["latin"].summary
    assert not {"_private", "folder", "dangling"} & set(found)


# --- by name, path and object ----------------------------------------------------


def test_by_name_and_by_path_are_the_same_space(folder: Path) -> None:
    file = folder / "tiny.py"
    file.write_text(CLASS)
    by_name, by_path = load_space("tiny"), load_space("search_spaces/tiny.py")
    assert by_name.name == by_path.name == "tiny"
    assert by_name.reference == by_path.reference == str(file.resolve())
    assert by_name.code_hash == by_path.code_hash
    assert by_name.space.build("hp") == by_name.space("hp") == "built with hp"
    assert load_space(by_name.reference).code_hash == by_name.code_hash


OBJECTS = '''
from hpsearch.spaces import SearchSpace

class One(SearchSpace):
    def build(self, hp):
        return "one"

class Two(SearchSpace):
    def __init__(self, text="two"):
        self.text = text

    def build(self, hp):
        return self.text

two_b = Two("two b")

def function(hp):
    return "function"

class Hyper:
    """Like a keras_tuner.HyperModel."""

    def build(self, hp):
        return "hyper"

hyper = Hyper()

class Demanding(SearchSpace):
    def __init__(self, argument):
        pass

class Failing(SearchSpace):
    def __init__(self):
        raise ValueError("no licence")

number = 3
'''


@pytest.mark.parametrize(
    ("wanted", "built"),
    [
        ("One", "one"),
        ("Two", "two"),
        ("two_b", "two b"),
        ("function", "function"),
        ("Hyper", "hyper"),
        ("hyper", "hyper"),
    ],
)
def test_any_buildable_object_of_a_file(folder: Path, wanted: str, built: str) -> None:
    (folder / "many.py").write_text(OBJECTS)
    for reference in (f"many:{wanted}", f"search_spaces/many.py:{wanted}"):
        loaded = load_space(reference)
        assert isinstance(loaded.space, SearchSpace)
        assert loaded.space(None) == built
        assert loaded.name == f"many-{wanted}"
        assert load_space(loaded.reference).space.build(None) == built


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("", "several search spaces"),
        (":Three", "has no 'Three'. It has: One, Two, two_b, function"),
        (":number", "is a int"),
        (":Demanding", "cannot be made without arguments"),
        (":Failing", "ValueError: no licence"),
    ],
)
def test_what_of_a_file_is_no_space_is_said(folder: Path, wanted: str, words: str) -> None:
    (folder / "many.py").write_text(OBJECTS)
    with pytest.raises(SpaceError) as caught:
        load_space(f"many{wanted}")
    assert words in str(caught.value)


def test_a_file_with_only_build_is_a_space(folder: Path) -> None:
    (folder / "plain.py").write_text("def build(hp):\n    return 'plain'\n")
    assert load_space("plain").space(None) == "plain"
    (folder / "nothing.py").write_text("x = 1\n")
    with pytest.raises(SpaceError, match=r"no SearchSpace class.*nothing that can build"):
        load_space("nothing")


def test_a_second_name_of_the_class_is_no_second_space(folder: Path) -> None:
    (folder / "alias.py").write_text(CLASS + "\nSPACE = Tiny\n")
    assert load_space("alias").space("hp") == "built with hp"


def test_an_imported_class_is_not_the_files_own(folder: Path) -> None:
    """A file may build on another beside it."""
    (folder / "basis.py").write_text(CLASS)
    (folder / "built_on.py").write_text(
        "from basis import Tiny\nclass Own(Tiny):\n    def build(self, hp):\n        return 'own'\n"
    )
    path = list(sys.path)
    assert load_space("built_on").space(None) == "own"
    assert sys.path == path


def test_spaces_of_installed_packages(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "package_of_spaces.py").write_text(OBJECTS)
    monkeypatch.syspath_prepend(folder)
    entry = importlib.metadata.EntryPoint("shared", "package_of_spaces:One", "hpsearch")
    monkeypatch.setattr("hpsearch.spaces.finding.metadata.entry_points", lambda **_: [entry])
    assert "package_of_spaces:One" in find_spaces()["shared"].summary
    loaded = load_space("shared")
    assert (loaded.name, loaded.reference) == ("shared", "package_of_spaces:One")
    assert loaded.space(None) == "one"
    assert load_space(loaded.reference).code_hash == loaded.code_hash == code_hash(OBJECTS)


# --- what goes wrong -------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("nope", "No search space 'nope'. Found: "),
        ("", "No search space ''"),
        ("nope.py", "No space file at nope.py"),
        ("some/where", "No space file at some/where"),
        ("nope:Thing", "Cannot import 'nope'"),
        (":Thing", "Cannot import ''"),
        (".nope:Thing", "Cannot import '.nope'"),
    ],
)
def test_missing_spaces(folder: Path, reference: str, words: str) -> None:
    with pytest.raises(SpaceError) as caught:
        load_space(reference)
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n\nclass (:\n", "line 3: SyntaxError"),
        ("x = 1\n\ny = x / 0\n", "line 3: ZeroDivisionError"),
        ("def f():\n    raise KeyError('k')\n\nf()\n", "line 2: KeyError"),
        ("\nimport no_such_module\n", "line 2: ModuleNotFoundError"),
        ("\n\nimport sys; sys.exit('bye')\n", "line 3: SystemExit: bye"),
        ("\nimport json\njson.loads('{')\n", "line 3: JSONDecodeError"),
    ],
)
@pytest.mark.parametrize("where", ["search_spaces/bad.py", "link/bad.py", "bad"])
def test_an_error_in_the_file_names_the_line(
    folder: Path, text: str, words: str, where: str
) -> None:
    Path("link").symlink_to("search_spaces")
    (folder / "bad.py").write_text(text)
    with pytest.raises(SpaceError) as caught:
        load_space(where)
    assert "bad.py, " + words in caught.value.message


def test_a_syntax_error_in_another_file_names_the_line_that_imports_it(folder: Path) -> None:
    (folder / "helper_with_error.py").write_text("\n" * 30 + "class (:\n")
    (folder / "bad.py").write_text("x = 1\nimport helper_with_error\n")
    with pytest.raises(SpaceError, match=r"bad\.py, line 2: SyntaxError: .*helper_with_error"):
        load_space("bad")


def test_an_error_of_our_own_comes_through(folder: Path) -> None:
    (folder / "data.py").write_text("from hpsearch.errors import DataError\nraise DataError('d')\n")
    with pytest.raises(DataError, match=r"^d$"):
        load_space("data")


# --- code hash -------------------------------------------------------------------


def test_the_code_hash_looks_at_code_only() -> None:
    same = ["x = 1 + 2\ny = 3", "# words\n\nx = (1 +\n   2)  # more\ny = 3\n", "x=1+2;y=3"]
    assert len({code_hash(source) for source in same}) == 1
    other = ["x = 1 + 3\ny = 3", "x = 1 + 2\nz = 3", "y = 3\nx = 1 + 2", "x = 1.0 + 2\ny = 3"]
    assert len({code_hash(source) for source in [same[0], *other]}) == 5


def test_a_file_with_a_byte_order_mark_or_another_encoding_loads(folder: Path) -> None:
    """Python runs it, so the hash must read it too."""
    (folder / "marked.py").write_bytes(b"\xef\xbb\xbf" + CLASS.encode())
    assert load_space("marked").code_hash == code_hash(CLASS)
    (folder / "latin.py").write_bytes(b"# coding: latin-1\n# \xe9\n" + CLASS.encode())
    assert load_space("latin").code_hash == code_hash(CLASS)
    assert find_spaces()["latin"].summary == "Tiny nets on dots."


def test_modules_of_one_name_beside_two_space_files_do_not_collide(tmp_path: Path) -> None:
    """Each space gets the module that lies beside it, in whatever order they are loaded."""
    for name, size in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sizes_of_layers.py").write_text(f"SIZE = {size}\n")
        text = "from sizes_of_layers import SIZE\ndef build(hp):\n    return SIZE\n"
        (tmp_path / name / "space.py").write_text(text)
    for name, size in (("one", 1), ("two", 2), ("one", 1)):
        space = load_space(str(tmp_path / name / "space.py")).space
        assert space.build(None) == size


def test_a_file_that_is_no_python_is_refused(tmp_path: Path) -> None:
    (tmp_path / "space.json").write_text("{}")
    with pytest.raises(SpaceError, match=r"space\.json is no \.py file"):
        load_space(str(tmp_path / "space.json"))
