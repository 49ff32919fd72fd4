import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st

from groqtape.pytest_plugin.naming import file_name, folder_name, shared_name


class Node:
    """A node of a collected tree, with what a pytest node has to do with its name."""

    def __init__(self, name: str, parent: "Node | None", obj: Any = None, params: str | None = None) -> None:
        self.name = name if params is None else f"{name}[{params}]"
        self.parent = parent
        if params is not None:
            self.originalname = name
        if obj is not None:
            self.obj = obj
        outer = f"{parent.nodeid}::" if parent else ""
        self.nodeid: str = f"{outer}{self.name}"

    def listchain(self) -> list["Node"]:
        return [*(self.parent.listchain() if self.parent else []), self]


def test() -> None:
    """Stands for a test."""


test.__test__ = False  # type: ignore[attr-defined]


def tree(*names: str) -> ModuleType:
    """A module with these tests: `test_a`, `TestA.test_b`, `TestA.Inner.test_c`."""
    module = ModuleType("test_file")
    for name in names:
        scope: Any = module
        *outer, function = name.split(".")
        for each in outer:
            if each not in vars(scope):
                setattr(scope, each, type(each, (), {}))
            scope = vars(scope)[each]
        setattr(scope, function, test)
    return module


def item(module: ModuleType, name: str, params: str | None = None, file: str = "test_file.py") -> Node:
    node = Node(file, None, module)
    *outer, function = name.split(".")
    for each in outer:
        node = Node(each, node, getattr(node.obj, each))
    return Node(function, node, getattr(node.obj, function), params)


def whole_name(of: Any, test_file: str) -> PurePosixPath:
    return folder_name(test_file) / file_name(of)


def named(
    name: str, params: str | None = None, beside: Sequence[str] = (), file: str = "test_file.py"
) -> str:
    return whole_name(item(tree(name, *beside), name, params, file), file).as_posix()


# What names look like


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("test_recommends_a_book", None, "test_recommends_a_book"),
        ("test_a", "0", "test_a[0]"),
        ("test_a", "v3.1-turbo", "test_a[v3.1-turbo]"),
        ("test_a", "two words-x=1,y=2", "test_a[two words-x=1,y=2]"),
        ("TestBooks.test_a", None, "TestBooks.test_a"),
        ("TestBooks.TestInner.test_a", "one-two", "TestBooks.TestInner.test_a[one-two]"),
        ("test_größe", None, "test_größe"),
    ],
)
def test_ordinary_names_stay_as_they_are(name: str, params: str | None, expected: str) -> None:
    assert named(name, params) == f"test_file/{expected}.yaml"


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("test_a.py", "test_a"),
        ("tests/unit/test_a.py", "tests/unit/test_a"),
        ("tests/test_a.b.py", "tests/test_a.b"),
        ("tests/test_a.yaml", "tests/test_a.yaml"),
        ("tests/my tests/test_a.py", "tests/my tests/test_a"),
    ],
)
def test_the_folder_is_the_path_of_the_test_file(file: str, folder: str) -> None:
    assert named("test_x", file=file) == f"{folder}/test_x.yaml"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("openai/gpt-oss-20b", r"test_a\[openai_gpt-oss-20b\]"),
        ('a\\b:c*d?e"f<g>h|i', r"test_a\[a_b_c_d_e_f_g_h_i\]"),
        ("a\nb\x00", r"test_a\[a_b_\]"),
        ("~", r"test_a\[_\]"),
        ("GPT", r"test_a\[GPT\]"),
        ("É", r"test_a\[É\]"),
        ("e\u0301", r"test_a\[e\u0301\]"),
        ("straße", r"test_a\[straße\]"),
        ("\ud800", r"test_a\[_\]"),
        ("x" * 300, r"test_a\[x{113}"),
        ("é" * 300, r"test_a\[é{56}"),
    ],
)  # fmt: skip
def test_a_name_that_had_to_be_changed_says_so(params: str, expected: str) -> None:
    assert re.fullmatch(rf"test_file/{expected}~[0-9a-f]{{8}}\.yaml", named("test_a", params))


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("test_a", ["test_A"]),
        ("test_A", ["test_a"]),
        ("TestX.test_a", ["Testx.test_b"]),
        ("TestX.test_a", ["TestX.test_A"]),
        ("TestX.TestY.test_a", ["TestX.Testy.test_b"]),
        ("test_straße", ["test_strasse"]),
        ("test_é", ["test_e\u0301"]),
    ],
)
def test_a_name_that_is_anothers_to_some_file_systems_is_changed(name: str, beside: list[str]) -> None:
    assert re.fullmatch(rf"test_file/{re.escape(name)}~[0-9a-f]{{8}}\.yaml", named(name, None, beside))
    assert re.fullmatch(rf"test_file/{re.escape(name)}\[x\]~[0-9a-f]{{8}}\.yaml", named(name, "x", beside))


def test_tests_that_a_class_inherits_are_beside_its_own() -> None:
    class One:
        test_a = test

    class Other:
        test_A = test  # noqa: N815

    class TestBoth(One, Other):
        pass

    module = ModuleType("test_file")
    vars(module)["TestBoth"] = TestBoth
    names = {
        whole_name(item(module, name), "test_file.py") for name in ("TestBoth.test_a", "TestBoth.test_A")
    }
    assert len({str(name).casefold() for name in names}) == 2


def test_a_name_beside_that_is_no_other_changes_nothing() -> None:
    assert named("test_a", None, ["test_b", "TestX.test_A"]) == "test_file/test_a.yaml"


def other_item(*names: str) -> Node:
    """An item that is no Python: of a collector that gives it no object, nor its parents."""
    node = Node("cases.yaml", None)
    for name in names:
        node = Node(name, node)
    return node


def test_items_that_are_no_python_have_names_too() -> None:
    assert whole_name(other_item("a case"), "cases.yaml").as_posix() == "cases.yaml/a case.yaml"
    assert whole_name(Node("lone", None), "cases").as_posix() == "cases/lone.yaml"


def test_nobody_knows_what_is_beside_an_item_that_is_no_python() -> None:
    names = [whole_name(other_item(name), "cases.yaml").as_posix() for name in ("case", "Case", "CASE")]
    assert len({name.casefold() for name in names}) == 3
    assert names[0] == "cases.yaml/case.yaml"


def test_dots_in_names_are_not_the_dots_between_them() -> None:
    items = [other_item("a", "b.c"), other_item("a.b", "c"), other_item("a.b.c"), other_item("a", "b", "c")]
    assert len({whole_name(each, "cases.yaml") for each in items}) == 4


# Shared cassettes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("books", "books.yaml"),
        ("books.yaml", "books.yaml"),
        ("shelf/books", "shelf/books.yaml"),
        ("./shelf//books/", "shelf/books.yaml"),
        ("Books and Films", "Books and Films.yaml"),
        ("v1.2", "v1.2.yaml"),
        (".hidden", ".hidden.yaml"),
        (".yaml", ".yaml.yaml"),
        ("/etc/passwd", "etc/passwd.yaml"),
        ("//host/share", "host/share.yaml"),
    ],
)
def test_the_names_of_shared_cassettes(name: str, expected: str) -> None:
    assert shared_name(name).as_posix() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("..", r"__~\w{8}\.yaml"),
        ("../books", r"__~\w{8}/books\.yaml"),
        ("a/../../books", r"a/__~\w{8}/__~\w{8}/books\.yaml"),
        (".", r"_~\w{8}\.yaml"),
        ("/", r"_~\w{8}\.yaml"),
        ("..\\books", r"\.\._books~\w{8}\.yaml"),
        ("C:\\books", r"C__books~\w{8}\.yaml"),
        ("C:/books", r"C_~\w{8}/books\.yaml"),
        ("con", r"_con~\w{8}\.yaml"),
        ("shelf/NUL.old/books", r"shelf/_NUL\.old~\w{8}/books\.yaml"),
        ("com¹", r"_com¹~\w{8}\.yaml"),
        ("aux .x", r"_aux \.x~\w{8}\.yaml"),
        ("CONIN$", r"_CONIN\$~\w{8}\.yaml"),
        ("-rf", r"_-rf~\w{8}\.yaml"),
        (" books", r"_ books~\w{8}\.yaml"),
        ("books ", r"books_~\w{8}\.yaml"),
        ("shelf./books..", r"shelf_~\w{8}/books__~\w{8}\.yaml"),
        ("a\nb", r"a_b~\w{8}\.yaml"),
    ],
)
def test_names_that_no_file_can_have_are_changed(name: str, expected: str) -> None:
    assert re.fullmatch(expected, shared_name(name).as_posix())


@pytest.mark.parametrize("name", ["console", "auxiliary", "com", "com10", "lpt", "null", "nul_x"])
def test_names_like_those_of_devices_stay(name: str) -> None:
    assert shared_name(name).as_posix() == f"{name}.yaml"


# What holds for every name

DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?")


def as_the_strictest_file_system_has_it(path: PurePosixPath) -> str:
    text = unicodedata.normalize("NFC", path.as_posix()).casefold()
    return unicodedata.normalize("NFC", text)


def check_for_every_file_system(path: PurePosixPath) -> None:
    assert not path.is_absolute()
    assert path.suffix == ".yaml"
    for part in path.parts:
        assert part not in ("", ".", "..")
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', part)
        assert not part.endswith((".", " "))
        assert not part.startswith(("-", " "))
        assert not DEVICES.fullmatch(part)
        assert len(part.encode()) <= 255
        assert len(part.encode("utf-16-le")) // 2 <= 255


# Few letters, so that names meet: with capitals, and with accents in both forms.
IDENTIFIERS = st.text(st.sampled_from("aAbBßéſ\u0301_1"), min_size=1, max_size=3).map("test_".__add__)
AWKWARD = st.sampled_from(
    [
        "a",
        "A",
        "ß",
        "ss",
        "ſ",
        "s",
        "é",
        "e\u0301",
        "\u212a",
        "k",
        ".",
        "..",
        " ",
        "/",
        "\\",
        "::",
        "[",
        "]",
        "~",
    ]
)
PARAMS = st.none() | st.lists(AWKWARD | st.text(max_size=2), max_size=4).map("".join) | st.text(min_size=80)
TESTS = st.tuples(
    st.lists(IDENTIFIERS, min_size=1, max_size=3, unique=True).map(".".join) | IDENTIFIERS,
    PARAMS,
)


def without_clashes(tests: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Those that one module can have: a name is a class or a test, not both."""
    scopes = {name.rpartition(".")[0] for name, _ in tests}
    scopes |= {scope.rpartition(".")[0] for scope in scopes}
    return [(name, params) for name, params in tests if name not in scopes]


@examples(80)
@given(st.lists(TESTS, min_size=2, max_size=8, unique=True).map(without_clashes))
@example([("test_a", None), ("test_A", None)])
@example([("test_a", "ß"), ("test_a", "ss")])
@example([("test_a", "x"), ("test_a", "X")])
@example([("test_a", "é"), ("test_a", "e\u0301"), ("test_a", "É")])
@example([("test_a", "y" * 200), ("test_a", "y" * 201)])
@example([("test_A.test_b", None), ("test_a.test_b", None)])
@example([("test_a", "/"), ("test_a", ":"), ("test_a", "_")])
@example([("test_a", "]~12345678"), ("test_a", "]")])
def test_no_two_tests_share_a_name(tests: list[tuple[str, str | None]]) -> None:
    module = tree(*(name for name, _ in tests))
    paths = [whole_name(item(module, name, params), "test_file.py") for name, params in tests]
    for path in paths:
        check_for_every_file_system(path)
    assert len(set(map(as_the_strictest_file_system_has_it, paths))) == len(tests)


ITEMS = st.lists(AWKWARD | st.text(max_size=3), max_size=3).map("".join)


@examples(40)
@given(st.lists(ITEMS, max_size=2), st.builds("{}a{}".format, ITEMS, ITEMS), st.lists(ITEMS, max_size=2))
def test_no_two_items_of_other_collectors_share_a_name(
    before: list[str], name: str, after: list[str]
) -> None:
    names = [*before, name, *after]
    one, other = other_item(*names), other_item("::".join(names).replace("a", "A"))
    assert one.nodeid != other.nodeid
    paths = [whole_name(each, "cases.yaml") for each in (one, other)]
    for path in paths:
        check_for_every_file_system(path)
    assert as_the_strictest_file_system_has_it(paths[0]) != as_the_strictest_file_system_has_it(paths[1])


@examples(80)
@pytest.mark.parametrize("make", [shared_name, lambda name: whole_name(other_item("x"), name)])
@given(name=st.lists(AWKWARD | st.text(max_size=3), min_size=1, max_size=6).map("".join))
@example(name="../../../etc/passwd")
@example(name="/../..")
@example(name="//../a")
@example(name="con/aux.txt/lpt1 .x/nul")
@example(name="x" * 1000 + "/" + "ü" * 1000)
@example(name="~root/.ssh")
def test_names_never_leave_the_folder(make: Callable[[str], PurePosixPath], name: str) -> None:
    check_for_every_file_system(make(name))


def test_a_folder_above_is_not_a_folder_called_so() -> None:
    assert len({named("test_a", file=file) for file in ("../test_a.py", "__/test_a.py", "test_a.py")}) == 3
