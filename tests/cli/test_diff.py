"""`groqtape diff`."""

from __future__ import annotations

import copy
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cli.cassettes import (
    COMPLETION,
    KINDS,
    TOOLS,
    USAGE,
    events,
    plain,
    request,
    stream,
    transcription,
    write,
)
from loopback_groq import ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

OTHER = events("Try The Wizard of Oz by L. Frank Baum.", fixed=8)


@pytest.fixture
def two(run: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    """Compares two cassettes of one interaction each."""

    def compare(before: Any, after: Any, *options: str, **how: Any) -> Ran:
        write(tmp_path / "a.yaml", *([before] if isinstance(before, dict) else before))
        write(tmp_path / "b.yaml", *([after] if isinstance(after, dict) else after))
        return run("diff", "a.yaml", "b.yaml", *options, **how)

    return compare


class TestTwoFiles:
    @pytest.mark.parametrize("kind", KINDS)
    def test_that_mean_the_same_are_no_finding(self, two: Callable[..., Ran], kind: str) -> None:
        again = copy.deepcopy(KINDS[kind])
        for each in again:
            each["response"]["headers"]["retry-after"] = ["1"]
        assert two(KINDS[kind], again) == (0, "", "")

    def test_recorded_anew_with_other_ids_and_times_are_no_finding(self, two: Callable[..., Ran]) -> None:
        again = stream(events(fixed=99, created=5), times=[7.0 * n for n in range(13)])
        assert two(stream(), again) == (0, "", "")

    def test_show_words_that_changed(self, two: Callable[..., Ran]) -> None:
        ran = two(stream(), stream(OTHER))
        assert ran.code == 1
        assert ran.out == (
            "a.yaml → b.yaml\n"
            "  1  POST /openai/v1/chat/completions\n"
            "    words        Try [-A-]{+The+} Wizard of "
            "[-Earthsea by Ursula K. Le Guin-]{+Oz by L. Frank Baum+}.\n"
        )

    def test_show_them_in_colour_in_a_terminal(self, two: Callable[..., Ran]) -> None:
        ran = two(stream(), stream(OTHER), columns=80)
        assert "Try \x1b[9;31mA\x1b[0m \x1b[32mThe\x1b[0m Wizard" in ran.out
        assert "    words        Try A The Wizard of Earthsea by Ursula K. Le Guin Oz by" in ran.screen
        assert "[-A-]{+The+}" in two(stream(), stream(OTHER), columns=80, NO_COLOR="1").out

    @pytest.mark.parametrize(
        ("before", "after", "lines"),
        [
            (stream(), stream(events(reasoning="Hm.")), ["reasoning    {+Hm.+}"]),
            (
                stream(events((), tool_calls=[ToolCall("f", {"a": 1}, "x")])),
                stream(events((), tool_calls=[ToolCall("f", {"a": 2}, "y")])),
                ['tool calls   f({"a":1}) → f({"a":2})'],
            ),
            (stream(), stream(events(finish_reason="length")), ["finish       stop → length"]),
            (
                stream(),
                stream(events(usage={**USAGE, "completion_tokens": 21, "total_tokens": 57})),
                ["usage        completion 20, total 56 → completion 21, total 57"],
            ),
            (
                stream(),
                stream(events(model="openai/gpt-oss-120b")),
                ["model        openai/gpt-oss-20b → openai/gpt-oss-120b"],
            ),
            (KINDS["closed"][0], KINDS["cut"][0], ["error        none → ReadError: peer reset"]),
            (KINDS["closed"][0], KINDS["cut"][0], ["end          closed → ReadError"]),
            (KINDS["completion"][0], KINDS["rate limit"][0], ["status       200 → 429"]),
            (stream(), stream(sent=request(seed=5)), ["request seed none → 5"]),
            (
                stream(),
                stream(sent=request("Recommend a good book")),
                ["request messages user: Recommend a [-fantasy-]{+good+} book"],
            ),
            (
                plain({"text": "Hello"}),
                plain({"text": "Bye"}),
                ['body         {\n                   "text": "[-Hello-]{+Bye+}"\n'],
            ),
            (
                transcription(),
                plain({}, sent=request()),
                ["request      POST /openai/v1/audio/transcriptions"],
            ),
        ],
    )
    def test_show_what_else_changed(
        self, two: Callable[..., Ran], before: Any, after: Any, lines: list[str]
    ) -> None:
        ran = two(before, after)
        assert ran.code == 1
        for line in lines:
            assert f"    {line}" in ran.out

    def test_show_times_where_they_are_wanted(self, two: Callable[..., Ran]) -> None:
        ran = two(stream(), stream(times=[90.0 + 20 * n for n in range(13)]), "--timing")
        assert ran.out.splitlines()[2:] == [
            "    first chunk  100.0 ms → 90.0 ms",
            "    duration     220.0 ms → 330.0 ms",
            "    gap p50      10.0 ms → 20.0 ms",
            "    gap p95      10.0 ms → 20.0 ms",
        ]
        assert "chunks       12 → 3" in two(stream(), stream(events("One")), "--timing").out
        assert "    duration     220.0 ms → –" in two(stream(), KINDS["no times"][0], "--timing").out

    def test_pair_equal_requests_wherever_they_stand(self, two: Callable[..., Ran]) -> None:
        first, second = stream(), stream(events("Second."), request("And then?"))
        assert two([first, second], [second, first]) == (0, "", "")

    def test_show_interactions_that_are_new_or_gone(self, two: Callable[..., Ran]) -> None:
        second = stream(events("Second."), request("And then?"))
        ran = two([stream()], [stream(), second])
        assert ran.out.splitlines()[1:] == ["  2  POST /openai/v1/chat/completions  new"]
        ran = two([stream(), second], [stream()])
        assert ran.out.splitlines()[1:] == ["  2  POST /openai/v1/chat/completions  removed"]

    def test_are_wrapped_in_a_narrow_terminal(self, two: Callable[..., Ran]) -> None:
        ran = two(stream(), stream(OTHER), columns=60)
        assert max(map(len, ran.screen.splitlines())) <= 60

    def test_as_json(self, two: Callable[..., Ran]) -> None:
        ran = two([stream()], [stream(events(finish_reason="length")), stream()], "--json")
        (cassette,) = json.loads(ran.out)["cassettes"]
        assert (cassette["before"], cassette["after"]) == ("a.yaml", "b.yaml")
        assert cassette["interactions"] == [
            {"before": 1, "after": 1, "changes": [{"what": "finish", "before": "stop", "after": "length"}]},
            {"before": None, "after": 2, "changes": []},
        ]

    def test_that_cannot_be_read_are_a_finding(self, run: Callable[..., Ran], tmp_path: Path) -> None:
        write(tmp_path / "a.yaml", stream())
        (tmp_path / "b.yaml").write_text("version: 1\n")
        ran = run("diff", "a.yaml", "b.yaml")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("groqtape: b.yaml, line 1: expected ")


class TestTwoFolders:
    def test_compare_files_of_the_same_names(self, run: Callable[..., Ran], tmp_path: Path) -> None:
        for name, before, after in (
            ("same", stream(), stream()),
            ("words", stream(), stream(OTHER)),
            ("old", stream(), None),
            ("new", None, stream()),
        ):
            for folder, interaction in (("a", before), ("b", after)):
                if interaction:
                    write(tmp_path / folder / "deep" / f"{name}.yaml", interaction)
        ran = run("diff", "a", "b")
        assert ran.code == 1
        assert [line for line in ran.out.splitlines() if not line.startswith("    ")] == [
            "b/deep/new.yaml",
            "  new: 1 interaction",
            "",
            "a/deep/old.yaml",
            "  removed: 1 interaction",
            "",
            "a/deep/words.yaml → b/deep/words.yaml",
            "  1  POST /openai/v1/chat/completions",
        ]

    def test_with_a_file_that_cannot_be_opened(self, run: Callable[..., Ran], tmp_path: Path) -> None:
        write(tmp_path / "a/x.yaml", stream())
        (tmp_path / "b/x.yaml").mkdir(parents=True)
        (tmp_path / "b").joinpath("y.yaml").symlink_to("nowhere")
        ran = run("diff", "a", "b")
        assert ran.code == 1
        assert "b/y.yaml: there is no such file" in ran.err


def test_a_file_that_cannot_be_opened_is_read_as_a_cassette(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    write(tmp_path / "a.yaml", stream())
    write(tmp_path / "b.yaml", stream())
    monkeypatch.setattr("pathlib.Path.read_bytes", fail)
    assert run("diff", "a.yaml", "b.yaml") == (0, "", "")


class TestRevisions:
    @pytest.fixture(autouse=True)
    def _committed(self, git: Callable[..., str], run: Callable[..., Ran], tmp_path: Path) -> None:
        write(tmp_path / "cassettes/one.yaml", stream())
        write(tmp_path / "cassettes/deep/två.yaml", stream())
        (tmp_path / "notes.txt").write_text("1")
        git("add", "-A")
        git("commit", "-qm", "1")

    def test_without_changes_are_no_finding(self, run: Callable[..., Ran]) -> None:
        assert run("diff") == run("diff", "main") == run("diff", "HEAD", "cassettes") == (0, "", "")

    @pytest.mark.parametrize("args", [(), ("HEAD",), ("main", "cassettes"), ("cassettes/one.yaml",)])
    def test_show_what_changed_since(self, run: Callable[..., Ran], tmp_path: Path, args: tuple[str]) -> None:
        write(tmp_path / "cassettes/one.yaml", stream(OTHER))
        ran = run("diff", *args)
        assert ran.code == 1
        assert ran.out.splitlines()[:2] == ["cassettes/one.yaml", "  1  POST /openai/v1/chat/completions"]

    def test_follow_renames(self, run: Callable[..., Ran], git: Callable[..., str], tmp_path: Path) -> None:
        git("mv", "cassettes/deep/två.yaml", "cassettes/two.yaml")
        assert run("diff").code == 0
        write(
            tmp_path / "cassettes/two.yaml", stream(events("Try A Wizard of Earthsea by Ursula K. Le Guon."))
        )
        ran = run("diff")
        assert ran.code == 1
        assert ran.out.splitlines()[0] == "cassettes/deep/två.yaml → cassettes/two.yaml"

    def test_show_new_and_removed_files(
        self, run: Callable[..., Ran], git: Callable[..., str], tmp_path: Path
    ) -> None:
        write(tmp_path / "cassettes/new.yaml", stream(), plain(COMPLETION))
        (tmp_path / "cassettes/one.yaml").unlink()
        assert run("diff").out == (
            "cassettes/one.yaml\n  removed: 1 interaction\n\ncassettes/new.yaml\n  new: 2 interactions\n"
        )
        git("add", "cassettes/new.yaml")
        assert run("diff", "HEAD", "cassettes/new.yaml").out == "cassettes/new.yaml\n  new: 2 interactions\n"
        assert run("diff", "HEAD", "cassettes/one.yaml").out.startswith("cassettes/one.yaml\n  removed")

    def test_take_any_name_that_a_file_can_have(
        self, run: Callable[..., Ran], git: Callable[..., str], tmp_path: Path
    ) -> None:
        write(tmp_path / "cassettes/new\nline.yaml", stream())
        write(tmp_path / "cassettes/one.yaml", stream(OTHER))
        git("add", "-A")
        git("commit", "-qm", "2")
        write(tmp_path / "cassettes/new\nline.yaml", stream(OTHER))
        write(tmp_path / "cassettes/one.yaml", stream())
        out = run("diff").out
        assert out.count("words        Try [-") == 2
        assert "cassettes/new\nline.yaml" in out

    def test_take_a_submodule_for_no_cassette(
        self, run: Callable[..., Ran], git: Callable[..., str], tmp_path: Path
    ) -> None:
        git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},cassettes/sub.yaml")
        git("commit", "-qm", "2")
        git("rm", "-q", "--cached", "cassettes/sub.yaml")
        ran = run("diff")
        assert ran.code == 1
        assert "HEAD:cassettes/sub.yaml: expected " in ran.err

    def test_leave_other_files_alone(self, run: Callable[..., Ran], tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("2")
        (tmp_path / "cassettes/notes.txt").write_text("2")
        assert run("diff", "HEAD", ".") == (0, "", "")

    def test_take_a_file_that_is_named_whatever_its_name(
        self, run: Callable[..., Ran], git: Callable[..., str], tmp_path: Path
    ) -> None:
        shutil.copy(tmp_path / "cassettes/one.yaml", tmp_path / "book")
        git("add", "book")
        git("commit", "-qm", "2")
        write(tmp_path / "book", stream(OTHER))
        assert run("diff", "HEAD", "book").out.startswith("book\n")

    def test_that_are_none_are_wrong_use(self, run: Callable[..., Ran]) -> None:
        ran = run("diff", "nope", "cassettes")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("groqtape: expected a revision of git, a file or a folder, got nope\n")
        assert run("diff", "--", "--output=x").code == 2

    def test_whose_cassette_cannot_be_read_are_a_finding(
        self, run: Callable[..., Ran], git: Callable[..., str], tmp_path: Path
    ) -> None:
        (tmp_path / "cassettes/one.yaml").write_bytes(b"version: 1\n\xff")
        (tmp_path / "cassettes/deep/två.yaml").write_text("- 1\n")
        git("commit", "-qam", "2")
        for name in ("one", "deep/två"):
            write(tmp_path / f"cassettes/{name}.yaml", stream())
        ran = run("diff")
        assert ran.code == 1
        assert "HEAD:cassettes/one.yaml, line 2: expected text in UTF-8" in ran.err
        assert "HEAD:cassettes/deep/två.yaml, line 1: expected " in ran.err
        assert json.loads(run("diff", "--json").out)["unreadable"][0]["line"] == 1


def test_without_a_repository_is_wrong_use(
    run: Callable[..., Ran], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    ran = run("diff")
    assert ran.code == 2
    assert ran.err.endswith("Run it in a git repository, or compare two files: groqtape diff A B\n")
    monkeypatch.setenv("PATH", "")
    assert "expected git, but it can't be run" in run("diff").err


class TestGitConfig:
    @pytest.fixture(autouse=True)
    def _repository(self, git: Callable[..., str], project: Path) -> None:
        git("add", "-A")
        git("commit", "-qm", "1")

    def test_has_git_show_what_changed(
        self, run: Callable[..., Ran], git: Callable[..., str], project: Path
    ) -> None:
        ran = run("git-config", "--enable")
        assert ran.code == 0
        assert ran.out.startswith("Enabled: cassettes/**/*.yaml diff=groqtape (in ")
        assert (project / ".gitattributes").read_text() == "cassettes/**/*.yaml diff=groqtape\n"
        assert git("config", "diff.groqtape.textconv") == "groqtape show --text --or-raw\n"
        assert git("check-attr", "diff", "cassettes/stream.yaml").endswith("diff: groqtape\n")

    def test_is_taken_away_again(
        self, run: Callable[..., Ran], git: Callable[..., str], project: Path
    ) -> None:
        run("git-config", "--enable")
        run("git-config", "--enable")
        assert run("git-config", "--disable").out.startswith("Disabled: ")
        assert not (project / ".gitattributes").exists()
        assert "groqtape" not in git("config", "--local", "--list")
        (project / ".gitattributes").write_text("*.png binary\n")
        run("git-config", "--enable")
        assert json.loads(run("git-config", "--disable", "--json").out)["enabled"] is False
        assert (project / ".gitattributes").read_text() == "*.png binary\n"
        assert run("git-config", "--disable").code == 0

    def test_quotes_a_folder_with_spaces(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "pytest.ini").write_text("[pytest]\ngroq_cassette_dir = my tapes\n")
        run("git-config", "--enable")
        assert (project / ".gitattributes").read_text() == '"my tapes/**/*.yaml" diff=groqtape\n'

    def test_needs_the_cassettes_in_the_repository(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "pytest.ini").write_text("[pytest]\ngroq_cassette_dir = ..\n")
        ran = run("git-config", "--enable")
        assert ran.code == 2
        assert "expected the cassettes in the repository" in ran.err

    def test_needs_to_know_what_to_do(self, run: Callable[..., Ran]) -> None:
        assert run("git-config").err == (
            "groqtape: expected --enable or --disable\nTry: groqtape git-config --enable\n"
        )


def test_a_request_with_tools_is_compared_by_its_parameters(two: Callable[..., Ran]) -> None:
    assert "request tools" in two(stream(), stream(sent=request(tools=TOOLS))).out
