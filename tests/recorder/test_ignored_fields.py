"""Fields that do not count, written as misses print them."""

from __future__ import annotations

import pytest

from groqtape.errors import GroqtapeError
from groqtape.recorder.ignored_fields import check_field, inside

GOOD = [
    "seed",
    "metadata.*",
    "messages[0].content",
    "tools[*].function.description",
    "*",
    "[0].a",
    "a-b.c d[1][2]",
]


@pytest.mark.parametrize("field", GOOD)
def test_a_field_is_as_a_miss_prints_it(field: str) -> None:
    assert check_field(field) == field


@pytest.mark.parametrize("field", ["", ".", "a.", ".a", "a..b", "a[b]", "a[", "a]", "a[0]b", " a", 5, None])
def test_another_one_is_refused_with_the_way_out(field: object) -> None:
    with pytest.raises(GroqtapeError) as caught:
        check_field(field, "groq_ignore")

    assert str(caught.value) == (
        "groq_ignore: expected a field as a miss prints it, with * for any name or number "
        f"(seed, metadata.*, tools[*].function.description), got {field!r}\n"
        "Separate names by single dots, and write a place in a list as [0] or [*]."
    )


@pytest.mark.parametrize(
    ("field", "steps", "ignored"),
    [
        ("seed", ["seed"], True),
        ("seed", ["seeds"], False),
        ("seed", ["see"], False),
        ("metadata.*", ["metadata", "run"], True),
        ("metadata.*", ["metadata"], False),
        ("metadata.*", ["other", "run"], False),
        ("metadata.user.id", ["metadata", "user.id"], True),
        ("metadata.*", ["metadata", "user.id"], True),
        ("messages[0].content", ["messages", 0, "content"], True),
        ("messages[0].content", ["messages", 10, "content"], False),
        ("messages[*].content", ["messages", 10, "content"], True),
        ("messages.*.content", ["messages", 10, "content"], True),
        ("messages[1]", ["messages", 1], True),
        ("[*]", [3], True),
        ("a[0][1]", ["a", 0, 1], True),
        ("*.b", ["a", "b"], True),
        ("*", ["a"], True),
        ("a.b", ["a", 0], False),
    ],
)
def test_what_is_ignored(field: str, steps: list[str | int], ignored: bool) -> None:
    fields: tuple[str, ...] | None = (field, "something.else")
    for number, step in enumerate(steps, 1):
        assert fields is not None
        fields = inside(fields, step)
        assert fields is not None or number == len(steps)

    assert (fields is None) is ignored
