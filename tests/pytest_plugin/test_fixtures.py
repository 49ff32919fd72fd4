"""The fixtures: what each gives, that each alone opens the cassette, and where else they can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback_groq import ToolCall, completion, models, stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project


class TestEachAloneOpensTheCassette:
    CALLS = {  # noqa: RUF012
        "groq_cassette": 'ask("Hi")',
        "groq_client": 'ask("Hi", groq_client)',
        "async_groq_client": 'asyncio.run(ask_async("Hi", async_groq_client))',
        "groq_stream": 'ask("Hi")',
        "async_groq_stream": 'ask("Hi")',
        "groq_snapshot": 'ask("Hi")',
    }

    def expect(self, project: Project, test: str) -> None:
        """Make a test of each fixture; each has its own cassette, and replays."""
        tests = [test.format(fixture=fixture, call=call) for fixture, call in self.CALLS.items()]
        project.tests("\n".join(tests))
        project.record().assert_outcomes(passed=6)
        assert project.cassettes == sorted(f"test_app/test_{fixture}" for fixture in self.CALLS)
        project.replay().assert_outcomes(passed=6)

    def test_in_the_signature(self, project: Project) -> None:
        self.expect(project, "def test_{fixture}({fixture}): {call}")

    def test_with_usefixtures(self, project: Project) -> None:
        self.expect(project, '@pytest.mark.usefixtures("{fixture}")\ndef test_{fixture}(): ask("Hi")')

    def test_with_getfixturevalue(self, project: Project) -> None:
        value = '{fixture} = request.getfixturevalue("{fixture}")'
        self.expect(project, f"def test_{{fixture}}(request): {value}; {{call}}")

    def test_before_it_sets_up_another_fixture(self, project: Project) -> None:
        """The cassette is open before any of the test's fixtures, whatever their order."""
        project.tests("""
            @pytest.fixture
            def greeting():
                return ask("in a fixture")

            def test_it(greeting, groq_cassette):
                assert greeting == "Hello there"
        """)
        project.record().assert_outcomes(passed=1)
        assert project.prompts() == ["in a fixture"]
        project.replay().assert_outcomes(passed=1)


class TestGroqCassette:
    def test_has_the_streams_of_this_run(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette):
                assert groq_cassette.streams == []
                ask("a")
                (stream,) = groq_cassette.streams
                assert stream.content == "Hello there"
                assert len(stream.chunks) == 4
                assert stream.finish_reasons == ["stop"]
                assert stream.usage.completion_tokens == 2
                ask("b")
                assert len(groq_cassette.streams) == 2
        """)
        project.record().assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_a_plain_answer_is_no_stream(self, project: Project) -> None:
        project.server.default = completion("Hello")
        project.tests("""
            def test_it(groq_cassette, groq_client):
                answer = groq_client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": "Hi"}]
                )
                assert answer.choices[0].message.content == "Hello"
                assert groq_cassette.streams == []
                assert len(groq_cassette.requests) == 1
        """)
        project.record().assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_has_the_requests_of_this_run_as_parsed_json(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette):
                ask("a", temperature=0.0)
                ask("b")
                assert groq_cassette.requests == [
                    {
                        "model": "openai/gpt-oss-20b",
                        "messages": [{"role": "user", "content": "a"}],
                        "stream": True,
                        "temperature": 0,
                    },
                    {
                        "model": "openai/gpt-oss-20b",
                        "messages": [{"role": "user", "content": "b"}],
                        "stream": True,
                    },
                ]
        """)
        project.record().assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_has_its_path_and_its_record_mode(self, project: Project) -> None:
        project.tests("""
            from pathlib import Path

            def test_it(groq_cassette, pytestconfig):
                assert groq_cassette.path == Path(__file__).parent / "cassettes" / "test_app" / "test_it.yaml"
                assert groq_cassette.record_mode == (pytestconfig.getoption("groq_record") or "none")
        """)
        project.replay().assert_outcomes(passed=1)
        project.replay("--groq-record=once").assert_outcomes(passed=1)
        project.replay("--groq-record=new_episodes").assert_outcomes(passed=1)
        project.replay("--groq-record=all").assert_outcomes(passed=1)

    def test_a_test_that_asks_nothing_writes_no_cassette(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette):
                pass
        """)
        project.record().assert_outcomes(passed=1)
        assert project.cassettes == []
        project.replay().assert_outcomes(passed=1)


class TestGroqStream:
    def test_gives_a_stream_of_chunks_and_tool_calls(self, project: Project) -> None:
        project.server.default = stream(
            "One moment.", tool_calls=[ToolCall("look_up", {"title": "Dune"})], reasoning="A book."
        )
        project.tests("""
            from groqtape import GroqCallResponseChunk, GroqStream

            def test_it(groq_stream):
                stream = groq_stream(model="m", messages=[{"role": "user", "content": "Hi"}])
                assert isinstance(stream, GroqStream)
                text, calls = "", []
                for chunk, call in stream:
                    assert isinstance(chunk, GroqCallResponseChunk)
                    text += chunk.content
                    calls += [call] if call else []
                assert text == stream.content == "One moment."
                assert stream.reasoning == "A book."
                assert calls == stream.tool_calls
                assert [call.function.name for call in calls] == ["look_up"]
                assert stream.finish_reasons == ["tool_calls"]
        """)
        project.record().assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_it_streams_and_nothing_else(self, project: Project) -> None:
        project.tests("""
            EXPECTED = (
                "expected a chat stream, got stream=False\\n"
                "Leave it out, or for an answer that is not streamed, use {}.chat.completions.create(…)."
            )

            def test_it(groq_stream, groq_cassette):
                for _ in groq_stream(model="m", messages=[], stream=True, temperature=0.5):
                    pass
                (request,) = groq_cassette.requests
                assert request == {"model": "m", "messages": [], "stream": True, "temperature": 0.5}
                with pytest.raises(TypeError) as caught:
                    groq_stream(model="m", messages=[], stream=False)
                assert str(caught.value) == EXPECTED.format("groq_client")

            def test_async(async_groq_stream):
                with pytest.raises(TypeError) as caught:
                    asyncio.run(async_groq_stream(model="m", messages=[], stream=False))
                assert str(caught.value) == EXPECTED.format("await async_groq_client")
        """)
        project.record().assert_outcomes(passed=2)

    def test_the_async_one(self, project: Project) -> None:
        project.tests("""
            async def read(begin):
                stream = await begin(model="m", messages=[{"role": "user", "content": "Hi"}])
                return "".join([chunk.content async for chunk, _ in stream]), stream

            def test_it(async_groq_stream):
                text, stream = asyncio.run(read(async_groq_stream))
                assert text == stream.content == "Hello there"
        """)
        project.record().assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)


class TestTheClients:
    def test_make_any_call(self, project: Project) -> None:
        project.server.default = models("one", "two")
        project.tests("""
            def test_it(groq_client):
                assert [each.id for each in groq_client.models.list().data] == ["one", "two"]

            def test_async(async_groq_client):
                async def names():
                    return [each.id for each in (await async_groq_client.models.list()).data]

                assert asyncio.run(names()) == ["one", "two"]
        """)
        project.record().assert_outcomes(passed=2)
        project.replay().assert_outcomes(passed=2)

    def test_are_closed_with_the_test(self, project: Project) -> None:
        project.tests("""
            clients = []

            def test_a(groq_client):
                clients.append(groq_client)

            def test_b():
                assert clients[0].is_closed()
        """)
        project.replay().assert_outcomes(passed=2)

    def test_the_async_one_leaves_no_connection_behind(self, project: Project) -> None:
        """Under `-W error`, and with resource warnings shown, an open socket would fail the session."""
        project.tests("""
            import gc

            def test_it(async_groq_client):
                async def twice():
                    stream = await async_groq_client.chat.completions.create(
                        model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
                    )
                    return [chunk async for chunk in stream]

                assert len(asyncio.run(twice())) == 4

            def test_after():
                gc.collect()
        """)
        project.record().assert_outcomes(passed=2)
        project.replay().assert_outcomes(passed=2)


class TestTheCassette:
    def test_it_goes_with_its_test(self, project: Project) -> None:
        """Not only when Python looks for garbage: a suite would keep hundreds of recordings until then."""
        project.tests("""
            import gc
            import weakref

            CASSETTES = []

            @pytest.fixture(scope="module", autouse=True)
            def without_looking():
                gc.disable()
                yield
                gc.enable()

            def test_it(groq_cassette):
                ask("Hi")
                CASSETTES.append(weakref.ref(groq_cassette))

            def test_after():
                assert CASSETTES[0]() is None
        """)
        project.record().assert_outcomes(passed=2)
        project.replay().assert_outcomes(passed=2)


class TestOtherFixtures:
    def test_use_them_in_set_up_and_in_teardown(self, project: Project) -> None:
        project.tests("""
            @pytest.fixture
            def session(groq_client):
                yield ask("begin", groq_client)
                assert ask("end", groq_client) == "Hello there"

            def test_it(session):
                assert session == "Hello there"
                ask("middle")
        """)
        project.record().assert_outcomes(passed=1)
        assert project.prompts() == ["begin", "middle", "end"]

    def test_what_a_teardown_plays_is_played(self, project: Project) -> None:
        project.tests("""
            @pytest.fixture
            def session(groq_client):
                yield ask("begin", groq_client)
                assert ask("end", groq_client) == "Hello there"

            def test_it(session):
                ask("middle")

            class TestApp:
                def teardown_method(self):
                    ask("end")

                def test_it(self, groq_cassette):
                    ask("middle")
        """)
        project.write_cassette("begin", "middle", "end")
        project.write_cassette("middle", "end", name="test_app/TestApp.test_it")
        project.replay().assert_outcomes(passed=2)

    def test_what_a_teardown_leaves_unplayed_is_an_error_of_it(self, project: Project) -> None:
        project.tests("""
            @pytest.fixture
            def session(groq_client):
                yield
                ask("end", groq_client)

            def test_it(session):
                pass
        """)
        project.write_cassette("middle", "end")
        result = project.replay()
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*1 of 2 recorded interactions never asked for,", '*"middle"'])

    def test_a_miss_in_a_teardown_is_an_error_of_it(self, project: Project) -> None:
        project.tests("""
            @pytest.fixture
            def session(groq_client):
                yield
                try:
                    ask("end", groq_client)
                except BaseException:
                    pass

            def test_it(session):
                ask("middle")
        """)
        project.write_cassette("middle")
        result = project.replay()
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(['  messages[[]0].content: recorded "middle" / now "end"'])

    def test_a_wider_scope_cannot_have_them(self, project: Project) -> None:
        project.tests("""
            @pytest.fixture(scope="module")
            def wide(groq_client):
                return groq_client

            def test_it(wide):
                pass
        """)
        result = project.replay()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*ScopeMismatch*"])

    def test_autouse_gives_each_test_a_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.fixture(autouse=True)
            def _cassette(groq_cassette):
                pass

            def test_a():
                ask("a")

            def test_b():
                ask("b")
        """)
        project.record().assert_outcomes(passed=2)
        assert project.cassettes == ["test_app/test_a", "test_app/test_b"]
        project.replay().assert_outcomes(passed=2)
