"""`groqtape report`: the page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from cli.cassettes import KINDS, events, plain, request, stream, write

from groqtape.reports.page_style import POLICY, STYLE
from groqtape.reports.picture import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

VOID = {"meta", "br", "wbr", "path", "rect"}


STREAMS = sum(
    "stream" in each["response"] and "unanswered" not in each["response"]["stream"]
    for several in KINDS.values()
    for each in several
)


class Page(HTMLParser):
    """The elements of a page, checked to be closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def written(run: Callable[..., Ran], project: Path, *args: str) -> Page:
    ran = run("report", *args, "-o", "page.html")
    assert (ran.code, ran.err) == (0, "")
    return Page((project / "page.html").read_text("utf-8"))


class TestThePage:
    def test_has_a_picture_of_each_stream_with_times(self, run: Callable[..., Ran], project: Path) -> None:
        page = written(run, project)
        pictures = [attrs for tag, attrs in page.elements if tag == "svg" and "role" in attrs]
        streams = [
            each
            for kind, several in KINDS.items()
            for each in several
            if "stream" in each["response"] and kind not in ("no times", "unanswered", "no event")
        ]
        assert len(pictures) == len(streams)
        assert all(attrs["role"] == "img" for attrs in pictures)
        assert page.text.count("first chunk") == 1 + len(streams)
        links = [attrs["href"] for tag, attrs in page.elements if tag == "a"]
        assert links == [f"#c{number}" for number in range(1, len(KINDS) + 1)]

    def test_shows_requests_and_answers(self, run: Callable[..., Ran], project: Path) -> None:
        shown = "".join(written(run, project).text)
        for words in (
            f"{len(KINDS)} cassettes, {STREAMS} streams",
            "Try A Wizard of Earthsea by Ursula K. Le Guin.",
            "We need a book.",
            'weather({"city":"Oslo"})',
            "cut by ReadError: peer reset",
            "stall of 910 ms at 160 ms",
            "Rate limit reached",
            "no answer came: ConnectError: connection refused",
            '"text": "Hello there"',
            "user: Recommend a fantasy book",
            "No times were recorded",
        ):
            assert words in shown

    def test_loads_nothing_and_runs_nothing(self, run: Callable[..., Ran], project: Path) -> None:
        page = written(run, project)
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "style-src"}
        for tag, attrs in page.elements:
            assert not [name for name in attrs if name.startswith("on") or name in ("src", "style")]
            assert tag != "a" or (attrs["href"] or "").startswith("#")
        assert ("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}) in page.elements

    def test_is_accessible(self, run: Callable[..., Ran], project: Path) -> None:
        page = written(run, project)
        tags = [tag for tag, _ in page.elements]
        assert ("html", {"lang": "en"}) in page.elements
        assert tags.count("h1") == tags.count("main") == 1
        after_svg = [tags[index + 1] for index, tag in enumerate(tags) if tag == "svg"]
        assert after_svg == ["title", "text"] * (len(after_svg) // 2)  # a picture, and its axis
        assert all(attrs.get("scope") == "col" for tag, attrs in page.elements if tag == "th")

    def test_of_no_cassettes_is_whole(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "none").mkdir()
        assert "0 cassettes, 0 streams" in "".join(written(run, project, "none").text)

    def test_has_what_cannot_be_read(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "bad.yaml").write_text("version: [\n")
        ran = run("report", "bad.yaml", "cassettes/stream.yaml", "-o", "page.html")
        assert ran.code == 1
        assert ran.err.startswith("groqtape: bad.yaml, line 2: ")
        shown = "".join(Page((project / "page.html").read_text("utf-8")).text)
        assert "unreadable: expected a cassette in YAML" in shown


class TestItsSize:
    def test_is_a_small_frame_and_few_bytes_an_event(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "none").mkdir()
        written(run, project, "none")
        frame = (project / "page.html").stat().st_size
        assert frame < 20_000
        text = "".join(f"word{number % 10} " for number in range(2000))
        many = events([f"{word} " for word in text.split()])
        write(project / "long.yaml", stream(many, times=[round(7.3 * n, 1) for n in range(len(many))]))
        written(run, project, "long.yaml")
        assert ((project / "page.html").stat().st_size - frame) / len(many) < 60


HOSTILE = "</title></svg></pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b[31m\u202e<!--"


def hostile(text: str) -> list[dict[str, Any]]:
    """Interactions with a text wherever one can stand."""
    from loopback_groq import ToolCall

    sent = request(text, model=text, user=text, **{text: text})
    sent["uri"] = "https://api.groq.com/" + "".join(c for c in text if c.isprintable() and c not in "[]?#")
    calls = [ToolCall(text, {text: text}, "x")]
    return [
        stream(events([text, text], reasoning=[text], model=text, finish_reason=text), sent),
        stream(events((), tool_calls=calls), sent),
        stream(events(choices=[[text], [text]]), sent),
        stream(events(error_after=2, error={"message": text}), sent),
        stream(events()[:3], sent, end="ReadError", message=text),
        plain({"error": {"message": text}}, 400, sent),
        plain({"choices": [{"message": {"content": text}, "finish_reason": text}], "model": text}, 200, sent),
        plain(text.encode(), 200, {**sent, "body": text}),
    ]


class TestText:
    def test_of_a_cassette_is_never_markup(self, run: Callable[..., Ran], project: Path) -> None:
        write(project / "<b>&'\u2028.yaml", *hostile(HOSTILE))
        page = written(run, project, "<b>&'\u2028.yaml")
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"script", "img", "b"}
        assert not [attrs for _, attrs in page.elements if any(name.startswith("on") for name in attrs)]
        assert "<script>alert(1)</script>" in "".join(page.text)
        assert not re.search(
            r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", (project / "page.html").read_text("utf-8")
        )

    @pytest.mark.parametrize("verb", ["list", "show", "play", "diff", "check", "timeline", "show --text"])
    @pytest.mark.parametrize("columns", [0, 80])
    def test_of_a_cassette_never_reaches_a_terminal_raw(
        self, run: Callable[..., Ran], project: Path, verb: str, columns: int
    ) -> None:
        text = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\b[bold red]x[/] \u202e"
        write(project / "a.yaml", *hostile(text))
        write(project / "b.yaml", *hostile(f"{text}!"))
        files = ["a.yaml", "b.yaml"] if verb == "diff" else ["a.yaml"]
        more = ["--pace", "instant"] if verb == "play" else []
        ran = run(*verb.split(), *more, *files, columns=columns)
        assert ran.code in (0, 1)
        left = re.sub(r"\x1b\[[0-9;]*m", "", ran.out + ran.err)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", left)
        assert "\x1b[31m" not in ran.out or columns
        if verb != "list":
            assert "[bold red]x[/]" in " ".join(left.split())


def test_secrets_are_taken_out(run: Callable[..., Ran], project: Path) -> None:
    key = "gsk_" + "a1B2c3D4" * 6 + "e5F6"
    write(project / "a.yaml", stream(events(["The key is SECRET."]), request("SECRET?")))
    path = project / "a.yaml"
    path.write_text(path.read_text("utf-8").replace("SECRET", key), "utf-8")
    assert run("report", "a.yaml", "-o", "page.html").code == 0
    shown = (project / "page.html").read_text("utf-8")
    assert key not in shown
    assert "The key is REDACTED." in shown


def test_what_changed_since_a_revision_is_shown(
    run: Callable[..., Ran], project: Path, git: Callable[..., str]
) -> None:
    git("add", "-A")
    git("commit", "-qm", "1")
    write(
        project / "cassettes/stream.yaml", stream(events("Try <b>Oz</b>.", finish_reason="length")), stream()
    )
    write(project / "cassettes/zz.yaml", stream())
    page = written(run, project, "--since", "HEAD")
    shown = "".join(page.text)
    assert "What changed" in shown
    assert "finish: stop → length" in shown
    assert "2 POST /openai/v1/chat/completions: new" in shown
    assert {"ins", "del"} <= {tag for tag, _ in page.elements}
    assert "new" in page.text


def test_what_it_says(run: Callable[..., Ran], project: Path) -> None:
    ran = run("report", "cassettes/stream.yaml", "-o", "page.html")
    assert re.fullmatch(r"page\.html: 1 cassette, \d+\.\d kB\n", ran.out)
    facts = json.loads(run("report", "cassettes/stream.yaml", "-o", "page.html", "--json").out)
    assert facts["bytes"] == (project / "page.html").stat().st_size
    assert run("report", "-o", "no/such/page.html").code == 2
    assert run("report").code == 2


def test_each_kind_of_event_has_a_colour_in_both_themes() -> None:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    for kind, colour in COLOURS.items():
        name = kind.replace(" ", "-")
        assert f"--{name}: {colour};" in light
        assert f"--{name}: #" in dark.split("}")[0]
        assert f".k.{name} {{ stroke: var(--{name}); }}" in STYLE


def _luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("name", ["text", "soft", "good", "bad", "warn", "link"])
@pytest.mark.parametrize("ground", ["bg", "card", "code"])
def test_text_has_the_contrast_that_wcag_wants(theme: int, name: str, ground: str) -> None:
    part = STYLE.split("@media (prefers-color-scheme: dark)")[theme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", part))
    light, dark = sorted((_luminance(colours[name]), _luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
