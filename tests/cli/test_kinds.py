"""Every verb over what is no ordinary chat stream: other APIs, sounds, and the files of other recorders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cassettes.other_recorders.recorders import FILES, written
from cli.cassettes import KINDS, plain, responses, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

FAILED = {"type": "response.failed", "response": {"error": {"message": "no luck"}}}
CREATED = {"type": "response.created", "response": {"model": "m"}}
OF_ALL = (
    "stream",
    "reasoning",
    "tool calls",
    "error event",
    "no done",
    "rate limit",
    "completion",
    "several",
)
VERBS = ("list", "show", "play --pace instant", "timeline", "check --ignore not-canonical --ignore cut")


class TestAStreamOfTheResponsesApi:
    def test_is_shown_as_an_answer(self, run: Callable[..., Ran], project: Path) -> None:
        file = "cassettes/responses.yaml"
        shown = run("show", file).out
        for line in (
            "  110 ms  Hm.",
            "  120 ms  Try Earthsea.",
            'tool call f({"a":1})',
            "completion 5, total 12",
        ):
            assert line in shown
        assert shown.endswith("read to its end\n")
        assert run("play", "--pace", "instant", file).out == 'Hm.\n\nTry Earthsea.\n{"a":1}\n'
        assert "complete" in run("list", file).out
        assert run("check", file).code == 0
        drawn = run("timeline", file).out
        assert [line.split()[0] for line in drawn.splitlines()[1:7]] == [
            *("role", "reasoning", "content", "tool", "done", "other")
        ]

    @pytest.mark.parametrize(
        ("events", "end", "text"),
        [
            ((CREATED, FAILED), "ended by Groq with an error event", "    no luck\n"),
            (
                (CREATED, {"type": "response.failed", "response": None}),
                "with an error event",
                "response.failed",
            ),
            ((CREATED,), "ended without [DONE]", "response.created"),
            ((CREATED, {"type": "response.incomplete", "response": {"output": 1}}), "read to its end", ""),
            (({"type": "response.output_text.delta", "delta": 1},), "ended without [DONE]", "delta"),
            (({"type": 7},), "ended without [DONE]", '{"type": 7}'),
        ],
    )
    def test_ends_as_it_says(
        self, run: Callable[..., Ran], project: Path, events: tuple[dict[str, object]], end: str, text: str
    ) -> None:
        write(project / "a.yaml", responses(*events))
        shown = run("show", "a.yaml")
        assert shown.code == 0
        assert end in shown.out
        assert text in shown.out


def test_a_sound_is_not_printed(run: Callable[..., Ran], project: Path) -> None:
    for verb in ("show", "show --text", "play --pace instant"):
        shown = run(*verb.split(), "cassettes/speech.yaml").out
        assert "<600 bytes, SHA-256 " in shown
        assert "\\x00" not in shown
    write(project / "latin.yaml", plain("café".encode("latin-1")))
    assert "caf\ufffd" in run("show", "latin.yaml").out


def test_where_no_event_came_none_is_missing(run: Callable[..., Ran], project: Path) -> None:
    assert run("timeline", "cassettes/no_event.yaml").out.endswith("\n    no event came\n")
    assert run("report", "cassettes/no_event.yaml", "-o", "page.html").code == 0
    assert "No event came." in (project / "page.html").read_text("utf-8")


@pytest.mark.parametrize("recorder", FILES)
def test_a_file_of_another_recorder_is_read_as_ours(
    run: Callable[..., Ran], project: Path, recorder: str
) -> None:
    for kind in OF_ALL:
        (project / "theirs.yaml").write_text(written(recorder, KINDS[kind]), "utf-8", newline="")
        ours = f"cassettes/{kind.replace(' ', '_')}.yaml"
        assert run("show", "--text", "theirs.yaml") == run("show", "--text", ours)
        assert run("diff", "theirs.yaml", ours) == (0, "", "")
        for verb in VERBS:
            ran = run(*verb.split(), "theirs.yaml")
            assert (ran.code, ran.err) == (0, ""), (verb, kind)
