"""`groq_snapshot`: text that people read, without what changes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from installed_versions import older_than
from loopback_groq import ExecutedTool, ToolCall, completion, error, models, stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project


def snapshots(project: Project) -> dict[str, str]:
    """The snapshots of `test_app.py`, by name."""
    text = (project.path / "__snapshots__" / "test_app.ambr").read_text(encoding="utf-8")
    blocks = [block.partition("\n") for block in text.split("# name: ")[1:]]
    return {
        name: "\n".join(line.removeprefix("  ") for line in body.removesuffix("# ---\n").splitlines())
        for name, _, body in blocks
    }


def snapshot_of(project: Project, expression: str, *, before: str = "") -> str:
    """The snapshot of an expression, in a test whose cassette has one stream."""
    project.tests(f"""
        {before}

        def test_it(groq_stream, groq_cassette, groq_snapshot):
            stream = groq_stream(model="m", messages=[{{"role": "user", "content": "Hi"}}])
            chunks = [chunk for chunk, _ in stream]
            assert ({expression}) == groq_snapshot
    """)
    project.record("--snapshot-update").assert_outcomes(passed=1)
    project.replay().assert_outcomes(passed=1)
    return snapshots(project)["test_it"]


class TestAStream:
    def test_is_its_model_chunks_content_finish_reasons_and_usage(self, project: Project) -> None:
        assert snapshot_of(project, "stream") == "\n".join(
            [
                "GroqStream(",
                "  model='m',",
                "  chunks=4,",
                "  content='Hello there',",
                "  finish_reasons=['stop'],",
                "  usage=CompletionUsage(",
                "    prompt_tokens=36,",
                "    completion_tokens=2,",
                "    total_tokens=38,",
                "  ),",
                ")",
            ]
        )

    def test_says_several_lines_as_several_lines(self, project: Project) -> None:
        project.server.default = stream(["A poem:\n", "  Roses are red,\n", "  “tea” is 'green'.\n"])
        assert "\n".join(
            [
                "  content='''",
                "    A poem:",
                "      Roses are red,",
                "      “tea” is 'green'.",
                "",
                "  ''',",
            ]
        ) in snapshot_of(project, "stream")

    def test_with_reasoning_and_tool_calls(self, project: Project) -> None:
        project.server.default = stream(
            reasoning="Let me see.",
            tool_calls=[ToolCall("look_up", {"title": "Dune"}), ToolCall("order", '{"n": 1}')],
            usage={"prompt_tokens_details": {"cached_tokens": 12}},
        )
        text = snapshot_of(project, "stream")
        assert text == "\n".join(
            [
                "GroqStream(",
                "  model='m',",
                f"  chunks={text.partition('chunks=')[2].partition(',')[0]},",
                "  content='',",
                "  reasoning='Let me see.',",
                "  tool_calls=list([",
                "    ToolCall(",
                "      name='look_up',",
                """      arguments='{"title":"Dune"}',""",
                "    ),",
                "    ToolCall(",
                "      name='order',",
                """      arguments='{"n": 1}',""",
                "    ),",
                "  ]),",
                "  finish_reasons=['tool_calls'],",
                "  usage=CompletionUsage(",
                "    prompt_tokens=36,",
                f"    completion_tokens={text.partition('completion_tokens=')[2].partition(',')[0]},",
                f"    total_tokens={text.partition('total_tokens=')[2].partition(',')[0]},",
                "    cached_tokens=12,",
                "    reasoning_tokens=3,",
                "  ),",
                ")",
            ]
        )

    def test_that_an_error_ended(self, project: Project) -> None:
        project.server.default = stream("Hello there you", error_after=3)
        project.tests("""
            def test_it(groq_stream, groq_snapshot):
                stream = groq_stream(model="m", messages=[{"role": "user", "content": "Hi"}])
                with pytest.raises(groq.APIError):
                    for _ in stream:
                        pass
                assert stream == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
        text = snapshots(project)["test_it"]
        assert "  content='Hello there'," in text
        assert "  error=APIError(" in text

    def test_lists_of_them(self, project: Project) -> None:
        text = snapshot_of(project, "groq_cassette.streams")
        assert text.startswith("list([\n  GroqStream(\n    model='m',\n    chunks=4,\n")

    def test_anywhere_in_plain_values(self, project: Project) -> None:
        text = snapshot_of(project, '{"answers": (stream, chunks[1]), "number": 1}')
        assert "GroqStream(" in text
        assert "GroqCallResponseChunk(" in text
        assert " object at 0x" not in text


class TestOtherValues:
    def test_chunks(self, project: Project) -> None:
        assert snapshot_of(project, "chunks[1:]") == "\n".join(
            [
                "list([",
                "  GroqCallResponseChunk(",
                "    content='Hello',",
                "  ),",
                "  GroqCallResponseChunk(",
                "    content=' there',",
                "  ),",
                "  GroqCallResponseChunk(",
                "    content='',",
                "    finish_reasons=['stop'],",
                "    usage=CompletionUsage(",
                "      prompt_tokens=36,",
                "      completion_tokens=2,",
                "      total_tokens=38,",
                "    ),",
                "  ),",
                "])",
            ]
        )

    def test_a_chunk_with_a_tool_call(self, project: Project) -> None:
        project.server.default = stream(tool_calls=[ToolCall("look_up", {"title": "Dune"})])
        assert snapshot_of(project, "chunks[1]") == "\n".join(
            [
                "GroqCallResponseChunk(",
                "  content='',",
                "  tool_calls=list([",
                "    ToolCall(",
                "      name='look_up',",
                """      arguments='{"title":"Dune"}',""",
                "    ),",
                "  ]),",
                ")",
            ]
        )

    def test_usage(self, project: Project) -> None:
        assert snapshot_of(project, "stream.usage").splitlines()[0] == "CompletionUsage("

    def test_finish_reasons(self, project: Project) -> None:
        assert snapshot_of(project, "stream.finish_reasons") == "list([\n  'stop',\n])"

    def test_plain_values(self, project: Project) -> None:
        text = snapshot_of(project, '[stream.content, len(chunks), None, {"b": 1, "a": [2.5]}]')
        lines = ["'Hello there',", "4,", "None,", "dict({", "  'a': list([", "    2.5,", "  ]),", "  'b': 1,"]
        assert text == "\n".join(["list([", *(f"  {line}" for line in [*lines, "}),"]), "])"])

    def test_the_sdk_s_own_chunks_and_messages(self, project: Project) -> None:
        """No nested model as its `repr`, and nothing that the next recording changes."""
        project.server.default = stream("Hello", executed_tools=[ExecutedTool()], model="groq/compound")
        text = snapshot_of(project, "[chunk.chunk for chunk in chunks]")
        assert "ChatCompletionChunk(" in text
        assert "ChoiceDelta(" in text
        assert "content='Hello'" in text
        for volatile in ("chatcmpl-", "req_", "created", "fp_", "_time", "object="):
            assert volatile not in text

    def test_a_whole_completion(self, project: Project) -> None:
        project.server.default = completion("Hello", tool_calls=[ToolCall("look_up", "{}")])
        project.tests("""
            def test_it(groq_client, groq_snapshot):
                messages = [{"role": "user", "content": "Hi"}]
                assert groq_client.chat.completions.create(model="m", messages=messages) == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.record(mode="all").assert_outcomes(passed=1)
        text = snapshots(project)["test_it"]
        assert "content='Hello'" in text
        assert "name='look_up'" in text

    def test_a_list_of_language_models(self, project: Project) -> None:
        """Whose ids are their names, and so no volatile ones."""
        project.server.default = models("one", "two")
        project.tests("""
            def test_it(groq_client, groq_snapshot):
                assert groq_client.models.list() == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        text = snapshots(project)["test_it"]
        assert "id='one'" in text
        assert "created" not in text

    def test_a_model_of_one_s_own(self, project: Project) -> None:
        assert snapshot_of(
            project,
            "Answer(id=7, text=stream.content, inner=Inner(created=[1], stream=stream), left=None)",
            before="""
        import typing
        import pydantic

        class Inner(pydantic.BaseModel):
            created: list[int]
            stream: typing.Any

        class Answer(pydantic.BaseModel):
            id: int
            text: str
            inner: Inner
            left: str | None
            _private: int = 3
            """,
        ).splitlines()[:9] == [
            "Answer(",
            "  id=7,",
            "  text='Hello there',",
            "  inner=Inner(",
            "    created=list([",
            "      1,",
            "    ]),",
            "    stream=GroqStream(",
            "      model='m',",
        ]

    def test_an_error_of_the_sdk(self, project: Project) -> None:
        project.server.default = error(400, "no such tool", code="tool_use_failed")
        project.tests("""
            def test_it(groq_client, groq_snapshot):
                with pytest.raises(groq.BadRequestError) as caught:
                    ask("Hi", groq_client)
                assert caught.value.body == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
        assert "'no such tool'" in snapshots(project)["test_it"]


def test_recording_the_same_answer_again_changes_no_snapshot(project: Project) -> None:
    project.server.on("tools", stream(tool_calls=[ToolCall("look_up", {"title": "Dune"})]))
    project.server.on("thought", stream("Hello", reasoning="Hm", model="openai/gpt-oss-20b"))
    project.server.on("compound", stream("Hello", executed_tools=[ExecutedTool()], model="groq/compound"))
    project.server.on("whole", completion("Hello"))
    project.tests("""
        @pytest.mark.parametrize("prompt", ["plain", "tools", "thought", "compound"])
        def test_it(groq_stream, groq_snapshot, groq_cassette, prompt):
            stream = groq_stream(
                model="m",
                messages=[{"role": "user", "content": prompt}],
                extra_body={"stream_options": {"include_usage": True}},
            )
            chunks = [chunk for chunk, _ in stream]
            assert stream == groq_snapshot
            assert groq_cassette.streams == groq_snapshot
            assert chunks == groq_snapshot
            assert [chunk.chunk for chunk in chunks] == groq_snapshot
            assert stream.usage == groq_snapshot

        def test_whole(groq_client, groq_snapshot):
            messages = [{"role": "user", "content": "whole"}]
            assert groq_client.chat.completions.create(model="m", messages=messages) == groq_snapshot
    """)
    project.record("--snapshot-update").assert_outcomes(passed=5)
    path = project.path / "__snapshots__" / "test_app.ambr"
    text = path.read_bytes()
    tapes = [project.cassette(name).read_bytes() for name in project.cassettes]
    project.record("--snapshot-update", mode="all").assert_outcomes(passed=5)
    assert path.read_bytes() == text
    again = [project.cassette(name).read_bytes() for name in project.cassettes]
    assert all(cassette_path != other for cassette_path, other in zip(tapes, again, strict=True))
    project.replay().assert_outcomes(passed=5)


class TestAComparisonThatFails:
    def test_shows_just_what_changed(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette, groq_snapshot):
                ask("Hi")
                assert groq_cassette.streams == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.server.default = stream("Hello here", finish_reason="length")
        result = project.record(mode="all")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "E * assert [[]+ received[]] == [[]- snapshot[]]",
                "E         -     content='Hello there',",
                "E         +     content='Hello here',",
                "E         -     finish_reasons=[[]'stop'[]],",
                "E         +     finish_reasons=[[]'length'[]],*",
            ]
        )
        result.stdout.no_fnmatch_line("E  *[+-] *chunks=*")
        result.stdout.no_fnmatch_line("E  *[+-] *tokens=*")

    def test_a_snapshot_that_is_not_there_shows_what_it_would_be(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette, groq_snapshot):
                ask("Hi")
                assert groq_cassette.streams == groq_snapshot
        """)
        project.write_cassette("Hi")
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            ["*Snapshot 'test_it' does not exist!", "E *+ *GroqStream(", "E *+ *content='Hello there',"]
        )


class TestSyrupy:
    def test_exclude_include_and_matcher(self, project: Project) -> None:
        project.tests("""
            from syrupy.filters import props
            from syrupy.matchers import path_type

            def test_it(groq_cassette, groq_snapshot):
                ask("Hi")
                streams = groq_cassette.streams
                assert streams == groq_snapshot(exclude=props("content", "usage"))
                assert streams[0].usage == groq_snapshot(include=props("prompt_tokens"))
                assert streams[0] == groq_snapshot(matcher=path_type({"content": (str,)}))
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
        texts = snapshots(project)
        assert texts["test_it"] == (
            "list([\n  GroqStream(\n    model='openai/gpt-oss-20b',\n    chunks=4,\n"
            "    finish_reasons=['stop'],\n  ),\n])"
        )
        assert texts["test_it.1"] == "CompletionUsage(\n  prompt_tokens=36,\n)"
        assert "  content=str,\n" in texts["test_it.2"]

    def test_a_name_of_one_s_own(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette, groq_snapshot):
                ask("Hi")
                assert groq_cassette.streams[0].content == groq_snapshot(name="content")
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert snapshots(project) == {"test_it[content]": "'Hello there'"}

    def test_its_own_snapshot_in_the_same_test(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette, groq_snapshot, snapshot):
                ask("Hi")
                assert "of syrupy" == snapshot
                assert groq_cassette.streams == groq_snapshot
                assert "another" == snapshot
                assert "of groqtape" == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
        texts = snapshots(project)
        assert len(texts) == 4
        assert texts["test_it"] == "'of syrupy'"
        assert texts["test_it.1"] == "'another'"
        assert "'of groqtape'" in texts.values()

    def test_tests_with_either_in_one_file(self, project: Project) -> None:
        project.tests("""
            def test_a(groq_cassette, groq_snapshot):
                ask("Hi")
                assert groq_cassette.streams == groq_snapshot

            def test_b(snapshot):
                assert {"a": 1} == snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=2)
        result = project.replay()
        result.assert_outcomes(passed=2)
        assert sorted(snapshots(project)) == ["test_a", "test_b"]
        result.stdout.fnmatch_lines(["2 snapshots passed."])
        result.stdout.no_fnmatch_line("*unused*")

    @pytest.mark.skipif(
        older_than("syrupy", 5), reason="syrupy 4 keeps it where the test has another snapshot"
    )
    def test_unused_ones_are_found_and_removed(self, project: Project) -> None:
        test = """
            def test_it(groq_cassette, groq_snapshot):
                ask("Hi")
                assert groq_cassette.streams == groq_snapshot
                assert 1 == groq_snapshot
        """
        project.tests(test)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.tests(test.replace("assert 1 == groq_snapshot", ""))
        project.replay().stdout.fnmatch_lines(["*1 snapshot unused*"])
        project.replay("--snapshot-update").assert_outcomes(passed=1)
        assert list(snapshots(project)) == ["test_it"]

    def test_in_a_method_of_a_class(self, project: Project) -> None:
        project.tests("""
            class TestApp:
                def test_it(self, groq_cassette, groq_snapshot):
                    ask("Hi")
                    assert groq_cassette.streams == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert list(snapshots(project)) == ["TestApp.test_it"]

    def test_those_that_a_failed_test_did_not_reach_stay(self, project: Project) -> None:
        """syrupy would delete them in a run with `--snapshot-update`, and advise it in any other."""
        test = """
            def test_it(groq_cassette, groq_snapshot):
                ask("Hi")
                assert groq_cassette.streams == groq_snapshot
        """
        project.tests(test)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        project.tests(test.replace("Hi", "Ho"))
        for update in ((), ("--snapshot-update",)):
            missed = project.replay(*update)
            missed.assert_outcomes(failed=1)
            if not older_than(
                "syrupy", 6
            ):  # 4 and 5 count the file as one where they spare all that is in it
                missed.stdout.no_fnmatch_line("*unused*")
        assert list(snapshots(project)) == ["test_it"]
        project.run("-p", "no:syrupy").assert_outcomes(errors=1)


class TestAStreamThatWasNotReadToItsEnd:
    BEFORE = "A stream was compared with groq_snapshot before it was read to its end: "

    @pytest.mark.parametrize(
        ("body", "lines"),
        [
            (
                "stream = groq_stream(**arguments('Hi', {}))",
                ["nothing was read.", "  for chunk, tool_call in stream:", "*  stream.close()"],
            ),
            (
                "stream = groq_stream(**arguments('Hi', {})); next(iter(stream))",
                ["only 1 chunk of it was read.", "The stream is <GroqStream model='*' unfinished>."],
            ),
            (
                "stream = [groq_stream(**arguments('Hi', {}))]; [*zip(range(2), stream[0])]",
                ["only 2 chunks of it was read."],
            ),
            (
                "asyncio.run(compare(async_groq_stream, groq_snapshot))",
                ["nothing was read.", "  async for chunk, tool_call in stream:", "*  await stream.aclose()"],
            ),
            (
                "unread = create(**arguments('Hi', {})); stream = groq_cassette.streams",
                ["nothing was read."],
            ),
            (
                "create(**arguments('Hi', {})).close(); stream = groq_cassette.streams",
                ["nothing was read."],
            ),
        ],
    )
    def test_is_recorded_by_no_test(self, project: Project, body: str, lines: list[str]) -> None:
        project.tests(f"""
            from app import arguments

            async def compare(begin, snapshot):
                stream = await begin(**arguments('Hi', {{}}))
                try:
                    assert stream == snapshot
                finally:
                    await stream.aclose()

            def test_it(groq_client, groq_stream, async_groq_stream, groq_cassette, groq_snapshot):
                create = groq_client.chat.completions.create
                {body}
                assert stream == groq_snapshot
        """)
        result = project.record("--snapshot-update")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([f"{self.BEFORE}{lines[0]}", *lines[1:]])
        assert (project.cassettes, list(project.path.rglob("*.ambr"))) == ([], [])

    def test_but_was_closed_is_shown_so(self, project: Project) -> None:
        project.tests("""
            from app import arguments

            def test_it(groq_client, groq_stream, groq_cassette, groq_snapshot):
                with groq_stream(**arguments("Hi", {})) as stream:
                    next(iter(stream))
                for chunk in groq_client.chat.completions.create(**arguments("Hi", {})):
                    break
                assert [stream, *groq_cassette.streams] == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert snapshots(project)["test_it"].count("end=closed,") == 3
        project.replay().assert_outcomes(passed=1)
