import datetime
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from cassettes.yaml_halves import HALVES, reading_with
from effort import examples
from hypothesis import given
from hypothesis import strategies as st
from vcr.serializers import yamlserializer

from groqtape.cassettes.documents import line_of, parse
from groqtape.errors import CassetteError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2),
    max_leaves=5,
)
MAPPINGS = st.dictionaries(st.text(max_size=9), JSON, min_size=1, max_size=2)
quickly = examples(24)


def yaml_of(data: Any) -> str:
    text: str = yamlserializer.serialize(data)
    return text


class TestYaml:
    @pytest.mark.parametrize(
        ("written", "content"),
        [
            ("!!python/tuple [Hi, 0, null]", b"Hi"),
            ('!!python/tuple [!!binary "SGk=", 0, null]', b"Hi"),
            ("!!python/tuple ['', 0, null]", b""),
        ],
    )
    def test_reads_a_file_that_vcrpy_wrote_as_a_body(self, written: str, content: bytes) -> None:
        body = parse(f"body: !!python/object/new:_io.BytesIO\n  state: {written}\n")[0]["body"]
        assert body.getvalue() == content

    def test_reads_an_iterator_that_vcrpy_wrote_as_a_body(self) -> None:
        text = "body: !!python/object/apply:builtins.iter\n  args:\n  - [!!binary SGk=, there]\n"
        body = parse(text)[0]["body"]
        assert list(body) == [b"Hi", "there"]

    @quickly
    @given(JSON)
    def test_gives_what_vcrpy_wrote(self, data: Any) -> None:
        assert parse(yaml_of({"body": data})) == [{"body": data}]

    @quickly
    @given(
        st.lists(st.dictionaries(st.text(), st.text() | st.integers(), min_size=1), min_size=1, max_size=4)
    )
    def test_may_have_several_documents(self, data: list[Any]) -> None:
        assert parse("---\n".join(yaml_of(document) for document in data)) == data
        assert parse("".join(f"---\n{yaml_of(document)}" for document in data)) == data

    def test_may_have_comments_and_directives_before_the_first_document(self) -> None:
        assert parse("# recorded by hand\n\n%YAML 1.1\n---\na: 1\n--- {b: 2}\n---\tc\n") == [
            {"a": 1},
            {"b": 2},
            "c",
        ]

    def test_may_have_the_line_ends_of_windows(self) -> None:
        assert parse("# hand-made\r\n\r\n---\r\na: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n") == [
            {"a": 1},
            {"b": "x\ny\n"},
        ]

    def test_dashes_in_a_text_begin_no_document(self) -> None:
        text = "a: |\n  ---\n  b\nc: '---'\nd: ---d\ne:\n- ---e\n"
        assert parse(text) == [{"a": "---\nb\n", "c": "---", "d": "---d", "e": ["---e"]}]

    def test_a_last_document_may_be_empty(self) -> None:
        assert parse("a: 1\n---\n") == [{"a": 1}, None]
        assert parse("# nothing\n") == [None]

    @pytest.mark.parametrize(
        "text", ["12:30", "12:30:45", "1:30.5", "2026-01-01", "2026-01-01T10:30:01Z", "=", "<<"]
    )
    def test_what_only_yaml_1_1_takes_for_more_is_text(self, text: str) -> None:
        assert parse(f"a: {text}\nb: [{text}]\n") == [{"a": text, "b": [text]}]

    def test_dates_and_signs_are_text_as_keys_too(self) -> None:
        assert parse("2026-01-01: 1\n=: 2\n12:30: 3\n") == [{"2026-01-01": 1, "=": 2, "12:30": 3}]

    def test_numbers_are_numbers(self) -> None:
        assert parse("[1, -2, 1.5, 1.0e+20, 1.0e-7, .inf, 0x1f]") == [
            [1, -2, 1.5, 1e20, 1e-7, float("inf"), 31]
        ]

    def test_anchors_are_followed(self) -> None:
        assert parse("a: &a {x: 1}\nb: *a\n") == [{"a": {"x": 1}, "b": {"x": 1}}]

    def test_merged_mappings_are_refused(self) -> None:
        with pytest.raises(CassetteError, match="merge key") as caught:
            parse("a: &a {x: 1}\nb:\n  <<: *a\n")
        assert caught.value.line == 3

    @pytest.mark.parametrize("tag", ["!!binary", "!binary"])
    def test_bytes_are_bytes_in_python_and_ruby(self, tag: str) -> None:
        assert parse(f"a: {tag} |-\n  H4sI\n  AAD/\n") == [{"a": b"\x1f\x8b\x08\x00\x00\xff"}]

    def test_strings_of_an_older_ruby_are_strings(self) -> None:
        assert parse("a: ! '{\"b\": 1}'\n") == [{"a": '{"b": 1}'}]

    def test_may_hold_the_python_types_that_vcrpy_writes(self) -> None:
        assert parse("a: !!python/tuple [1, 2]\nb: !!python/unicode 'c'\n") == [{"a": (1, 2), "b": "c"}]

    @pytest.mark.parametrize(
        "tag",
        [
            "!!python/object/apply:pathlib.Path.touch",
            "!!python/object/new:pathlib.Path",
            "!!python/name:os.system",
            "!!python/module:os",
            "!ruby/object:Gem::Requirement",
        ],
    )
    def test_executes_nothing(self, tag: str, tmp_path: Path) -> None:
        for text in (f"a: {tag} [{tmp_path}/made]\n", f"a: 1\n---\nb: 2\n---\nc: {tag} [{tmp_path}/made]\n"):
            with pytest.raises(
                CassetteError, match="could not determine a constructor for the tag"
            ) as caught:
                parse(text)
            assert caught.value.line == text.count("\n")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("text", "line", "problem"),
        [
            ("a: 1\nb: [1, 2\nc: 3\n", 3, r"did not find expected|but got ':'"),
            ("a: 1\n---\nb: 'c\n---\nd: 1\n", 4, "found unexpected"),
            ("a: 1\n b: 2\n", 2, "mapping values are not allowed"),
            ("a: 1\nb: \x00\n", 2, "(control|special) characters are not allowed"),
            ("a: !!binary 'ä'\n", 1, "base64"),
            ("a: !!int x\n", None, "invalid literal"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, text: str, line: int | None, problem: str) -> None:
        with pytest.raises(CassetteError, match=r"^(line \d+: )?expected a cassette in YAML") as caught:
            parse(text)
        assert re.search(problem, caught.value.problem)
        assert caught.value.line == line
        assert "record it anew: " in str(caught.value)

    def test_says_that_it_holds_a_merge_conflict(self) -> None:
        with pytest.raises(CassetteError, match="merge conflict") as caught:
            parse("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> main\n")
        assert caught.value.line == 2

    def test_says_that_it_is_nested_too_deep(self) -> None:
        with pytest.raises(CassetteError, match="levels") as caught:
            parse("a:\n " + "[" * 500 + "]" * 500)
        assert caught.value.line == 2


class TestJson:
    @quickly
    @given(MAPPINGS)
    def test_gives_what_stands_there(self, data: dict[str, Any]) -> None:
        for ascii_only in (True, False):
            assert parse(json.dumps(data, ensure_ascii=ascii_only)) == [data]

    def test_may_be_indented_with_tabs_and_have_a_mark_before_it(self) -> None:
        assert parse('\ufeff\n{\n\t"a": "\\ud83d\\ude00"\n}\n') == [{"a": "😀"}]

    def test_yaml_may_look_alike(self) -> None:
        assert parse("{a: 1, b: 'c'}\n--- {d: 2}\n") == [{"a": 1, "b": "c"}, {"d": 2}]

    def test_says_what_is_wrong_and_where(self) -> None:
        with pytest.raises(CassetteError) as caught:
            parse('{\n"a": 1,\n"b": [1, 2\n}\n')
        assert caught.value.line == 4


TOML = """\
# recorded with care
version = 1

[[interactions]]
recorded_at = "2026-11-23T03:51:33+00:00"

[interactions.request]
body_content = '''
{}'''

[[interactions]]
"""


class TestToml:
    def test_gives_what_stands_there(self) -> None:
        first = {"recorded_at": "2026-11-23T03:51:33+00:00", "request": {"body_content": "{}"}}
        assert parse(TOML) == [{"version": 1, "interactions": [first, {}]}]
        assert parse("[[interactions]]\n") == [{"interactions": [{}]}]

    def test_says_what_is_wrong_and_where(self) -> None:
        with pytest.raises(CassetteError, match="expected a cassette in TOML") as caught:
            parse(TOML + "a = \n")
        assert caught.value.problem.endswith("Invalid value")
        assert caught.value.line == 12

    def test_says_what_is_wrong_at_the_end(self) -> None:
        with pytest.raises(CassetteError, match="expected a cassette in TOML") as caught:
            parse("version = '''")
        assert caught.value.line is None


class TestLineOf:
    TEXT = "a: 1\nb:\n- c\n- d:\n    e: |\n      text\n---\n# another\nf: {g: [h,\n  i]}\n"

    @pytest.mark.parametrize(
        ("at", "line"),
        [
            ((0,), 1),
            ((0, "a"), 1),
            ((0, "b"), 3),
            ((0, "b", 1), 4),
            ((0, "b", 1, "d", "e"), 5),
            ((1,), 9),
            ((1, "f", "g", 1), 10),
        ],
    )
    def test_is_where_a_value_stands(self, at: tuple[str | int, ...], line: int) -> None:
        assert line_of(self.TEXT, at) == line

    @pytest.mark.parametrize(
        ("at", "line"),
        [((0, "z"), 1), ((0, "b", 1, "z"), 4), ((0, "b", 1, "d", "e", "z"), 5), ((1, "f", 0), 9)],
    )
    def test_is_where_the_value_around_it_stands(self, at: tuple[str | int, ...], line: int) -> None:
        assert line_of(self.TEXT, at) == line

    def test_is_that_of_an_interaction_in_toml(self) -> None:
        assert line_of(TOML, (0, "interactions", 0, "request", "uri")) == 4
        assert line_of(TOML, (0, "interactions", 1)) == 11

    def test_is_unknown_for_all_else_in_toml(self) -> None:
        assert line_of(TOML, (0, "version")) is None

    def test_is_unknown_where_json_is_no_yaml(self) -> None:
        assert line_of('{\n\t"a": 1}', (0, "a")) is None

    def test_is_unknown_where_there_is_nothing(self) -> None:
        assert line_of("# nothing\n", (0,)) is None

    def test_is_that_of_json(self) -> None:
        assert line_of('{\n"a": 1,\n"b": 2}', (0, "b")) == 3


def test_no_value_is_of_a_type_of_its_own() -> None:
    (data,) = parse("recorded_at: 2026-03-06T19:45:39.079824+00:00\nday: 2026-03-06\n")
    assert not any(isinstance(value, datetime.date) for value in data.values())


# What scalars, collections and lines of YAML are made of, awkward characters among them.
PIECES = [
    *"\n \t\r\x85\u2028\u2029\xa0😀é'\"\\#-?:,[]{}|>&*%@`~",
    *(
        "\n\n",
        "  ",
        "\r\n",
        "''",
        '""',
        "\\n",
        "\\N",
        "\\L",
        "\\x85",
        "\\u2028",
        "\\U0001F600",
        "# c",
        "---",
        "...",
    ),
    *(
        "a: ",
        "b: ",
        "key",
        "- ",
        "? ",
        ": ",
        "|-",
        "|+",
        "|2",
        ">-",
        "&a ",
        "*a",
        "!!binary ",
        "!!str ",
        "null",
    ),
    *(
        "yes",
        "12:30",
        "0x1f",
        "1e3",
        ".5",
        "=",
        "<<",
        "2026-01-01",
        "x" * 130,
        "\n  ",
        "\n    ",
        "\n- ",
        "\na: ",
    ),
]


def data_or_refused(text: str) -> str:
    try:
        return repr(parse(text))
    except CassetteError:
        return "refused"


@pytest.mark.skipif(len(HALVES) == 1, reason="PyYAML has no libyaml here: there is nothing to compare with")
def test_data_does_not_depend_on_the_half_of_pyyaml(yaml_half: str) -> None:
    rng = random.Random(11)
    texts = ["a: " + "".join(rng.choices(PIECES, k=rng.randrange(1, 9))) for _ in range(2000)]
    with reading_with("pure"):
        pure = [data_or_refused(text) for text in texts]
    with reading_with("libyaml"):
        quick = [data_or_refused(text) for text in texts]
    both = [(one, other) for one, other in zip(pure, quick, strict=True) if "refused" not in (one, other)]
    assert len(both) > 500
    assert all(one == other for one, other in both)
