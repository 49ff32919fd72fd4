"""Expressions for text that does not count, and the names that stand for the usual ones."""

from __future__ import annotations

import email.utils
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from groqtape.errors import GroqtapeError
from groqtape.recorder.volatile import MASK, NAMED, Volatile

NOW = datetime(2026, 11, 26, 9, 5, 7, 123456)
IN_UTC = NOW.replace(tzinfo=UTC)
IN_OSLO = NOW.replace(tzinfo=timezone(timedelta(hours=1)))
DATES = [
    NOW.strftime(form) for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y")
] + [
    NOW.strftime(form)
    for form in (
        "%d %B %Y",
        "%d %b %Y",
        "%B %d, %Y",
        "%b %d %Y",
        "%A, %B %d, %Y",
        "%a, %d %b %Y",
        "%A %d %B %Y",
    )
]
DATES += ["26th of November 2026", "November 3rd, 2026", "Sept. 1, 2026", "may 1, 2026", "November 2026"]
TIMES = [NOW.strftime(form) for form in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S%p")]
TIMES += ["9:05", "9:05 a.m.", "09:05Z", "09:05:07+00:00", "09:05 UTC", "09:05:07,123"]
DATETIMES = [
    NOW.isoformat(),
    NOW.replace(microsecond=0).isoformat(),
    NOW.isoformat(timespec="minutes"),
    IN_UTC.isoformat(),
    IN_OSLO.isoformat(),
    str(IN_UTC),
    email.utils.format_datetime(IN_UTC),
    email.utils.format_datetime(IN_UTC, usegmt=False),
    NOW.ctime(),
    *(
        NOW.strftime(form)
        for form in (
            "%Y-%m-%dT%H:%M:%SZ",
            "%Y%m%dT%H%M%SZ",
            "%Y-%m-%d_%H:%M",
            "%A, %B %d, %Y at %I:%M %p",
            "%d.%m.%Y %H:%M",
            "%m/%d/%Y, %H:%M:%S",
        )
    ),
]
# Fixed, because pytest-xdist needs the same test ids in all workers.
_UUIDS = (
    "1b4e28ba-2fa1-4d2b-883f-0016d3cca427",
    "1b4e28ba2fa14d2b883f0016d3cca427",
    "1B4E28BA-2FA1-4D2B-883F-0016D3CCA427",
)
KINDS = [
    *(("date", text) for text in DATES),
    *(("time", text) for text in TIMES),
    *(("datetime", text) for text in DATETIMES),
    *(("uuid", text) for text in _UUIDS),
    *(
        ("timestamp", text)
        for text in ("1795684507", "1795684507.25", "1795684507123", "1795684507123456789")
    ),
]


@pytest.mark.parametrize(("name", "text"), KINDS)
@pytest.mark.parametrize("around", ["{}", "It is {}, then", "<{}>", '"{}"', "({}).", "x: {}\n", "id_{}"])
def test_a_name_stands_for_the_whole_of_each_usual_form(name: str, text: str, around: str) -> None:
    if around == "id_{}" and name != "uuid":
        around = "id {}"

    assert Volatile([f"@{name}"]).masked(around.format(text)) == around.format(MASK)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "May I ask, in 2026, for 26 books"),
        ("date", "192.168.20.26"),
        ("date", "version 2026.1.2"),
        ("date", "2026-13-41"),
        ("time", "a ratio of 3:4, or 1:2:3"),
        ("time", "25:00 12:61 ::1"),
        ("datetime", "2026-11-26"),
        ("datetime", "09:05"),
        ("uuid", "a" * 40),
        ("uuid", "12345678-1234-1234-1234-1234567890"),
        ("timestamp", "12345678901"),
        ("timestamp", "phone 0123456789"),
        ("timestamp", "3.1795684507"),
    ],
)
def test_a_name_stands_for_nothing_else(name: str, text: str) -> None:
    assert Volatile([f"@{name}"]).masked(text) == text


def test_every_name_is_tested() -> None:
    assert {name for name, _ in KINDS} == set(NAMED)


@pytest.mark.parametrize(
    "expressions",
    [
        "@date @uuid",
        ["@date @uuid"],
        ["@date", "@uuid"],
        r"@date|@uuid",
        ("of @date, @uuid",),
    ],
)
def test_names_may_stand_together_or_within_an_expression(expressions: list[str]) -> None:
    text = Volatile(expressions).masked(f"of 2026-11-26, {uuid.uuid4()}")

    assert "2026" not in text
    assert "-" not in text


def test_what_an_expression_matches_is_masked_wherever_it_stands() -> None:
    assert Volatile([r"request \d+"]).masked("request 1, request 22") == f"{MASK}, {MASK}"


def test_the_date_of_a_datetime_does_not_leave_its_time() -> None:
    assert Volatile(["@date", "@datetime"]).masked("2026-11-26T09:05 2026-11-26") == f"{MASK} {MASK}"


def test_an_expression_that_matches_nothing_too_changes_nothing_there() -> None:
    assert Volatile([r"\d*"]).masked("a1b") == f"a{MASK}b"


@pytest.mark.parametrize("literal", ["[@]date", r"\@date"])
def test_a_name_can_be_meant_as_text(literal: str) -> None:
    assert Volatile([literal]).masked("@date 2026-11-26") == f"{MASK} 2026-11-26"


def test_an_address_is_no_name() -> None:
    assert Volatile([r"bob@date\.example"]).masked("bob@date.example") == MASK


@pytest.mark.parametrize("number", [1795684507, 1795684507.25, 1795684507123])
def test_a_number_is_masked_if_it_is_unix_time(number: float) -> None:
    assert Volatile(["@timestamp"]).masks_number(number)
    assert not Volatile(["@timestamp"]).masks_number(100)
    assert not Volatile([r"\d+"]).masks_number(number)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("(", "'(': missing )"),
        ("a**", "'a**': multiple repeat"),
        ("a{99999999999999999999}", "'a{99999999999999999999}': the repetition number is too large"),
        ("@dates", "'@dates'\nCorrect the name; to match this very text, write [@]dates"),
        (5, "groq_volatile: expected regular expressions, got 5\nWrite each as a text."),
    ],
)
def test_an_invalid_expression_is_named_with_the_option_and_the_way_out(
    expression: str, problem: str
) -> None:
    with pytest.raises(GroqtapeError) as caught:
        Volatile([expression], "groq_volatile")

    assert problem in str(caught.value)
    assert str(caught.value).startswith("groq_volatile: expected")
    assert "\n" in str(caught.value)
