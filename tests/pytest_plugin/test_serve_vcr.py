"""`groq_serve_vcr`: suites that were written for pytest-recording or pytest-vcr, without these."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_plugin.conftest import Project

GROQ = "https://api.groq.com/openai/v1/chat/completions"
IMAGE = "https://images.example/cat.png?size=1"
DELTA = {"index": 0, "delta": {"content": "Hello"}}
CHUNK = {"id": "1", "object": "chat.completion.chunk", "choices": [DELTA]}
STREAM = f"data: {json.dumps(CHUNK)}\n\ndata: [DONE]\n\n"


def interaction(prompt: str | None = "Hi", uri: str = GROQ, answer: str = STREAM) -> Any:
    """An interaction as vcrpy writes it: a chat stream, or the download of something."""
    messages = [{"role": "user", "content": prompt}]
    body = prompt and json.dumps({"messages": messages, "model": "m", "stream": True})
    kind = "text/event-stream" if prompt else "image/png"
    return {
        "request": {"method": "POST" if prompt else "GET", "uri": uri, "body": body or "", "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": [kind]},
            "body": {"string": answer},
        },
    }


def cassette(project: Project, name: str, *interactions: Any) -> Path:
    """Write a cassette of vcrpy's."""
    path = project.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"interactions": list(interactions), "version": 1}))
    return path


@pytest.fixture
def suite(project: Project) -> Project:
    """A project that serves its `vcr` tests."""
    project.setenv("GROQ_BASE_URL", "https://api.groq.com")
    project.ini(groq_serve_vcr="true", groq_hosts=" ")
    return project


def test_a_suite_of_pytest_recording_with_one_line(suite: Project) -> None:
    suite.write(
        "conftest.py",
        """
        import json
        import pytest

        def pytest_recording_configure(config, vcr):
            def same_prompt(one, other):
                bodies = [each.body and json.loads(each.body)["messages"] for each in (one, other)]
                return bodies[0] == bodies[1]

            vcr.register_matcher("same_prompt", same_prompt)

        @pytest.fixture(scope="module")
        def vcr_config():
            return {
                "filter_headers": ["authorization"],
                "match_on": ["method", "host", "path", "same_prompt"],
            }
        """,
    )
    suite.tests("""
        import httpx, json
        pytestmark = pytest.mark.vcr

        @pytest.mark.block_network
        def test_it(vcr):
            assert ask(model="m") == "Hello"
            assert httpx.get("https://images.example/cat.png?size=1").content == b"meow"
            assert json.loads(vcr.requests[0].body)["messages"][0]["content"] == "Hi"
            assert vcr.requests[1].uri == "https://images.example/cat.png?size=1"
            assert (len(vcr), vcr.play_count, vcr.all_played) == (2, 2, True)
            assert vcr.responses[1]["body"]["string"] == b"meow"
            assert vcr.requests[0] not in vcr

        class TestClass:
            def test_each(self, vcr_cassette):
                assert ask("Two", model="m") == "Hello"

        @pytest.mark.default_cassette("shared")
        @pytest.mark.parametrize("prompt", ["A", "B"])
        def test_shared(prompt):
            assert ask(prompt, model="m") == "Hello"

        @pytest.mark.vcr("more/one.yaml", "more/two.yaml", "more/none.yaml")
        def test_several():
            assert ask("One", model="m") + ask("Two", model="m") == "HelloHello"
    """)
    folder = "cassettes/test_app"
    cassette(suite, f"{folder}/test_it.yaml", interaction(), interaction(None, IMAGE, "meow"))
    cassette(suite, f"{folder}/TestClass.test_each.yaml", interaction("Two"))
    cassette(suite, f"{folder}/shared.yaml", interaction("A"), interaction("B"))
    for prompt in ("One", "Two"):
        cassette(suite, f"{folder}/more/{prompt.lower()}.yaml", interaction(prompt))

    suite.replay().assert_outcomes(passed=5)


def test_a_suite_of_pytest_vcr(suite: Project) -> None:
    suite.tests("""
        @pytest.fixture
        def vcr_cassette_name(request):
            return request.node.name.upper()

        @pytest.mark.vcr(allow_playback_repeats=True)
        def test_it(vcr_cassette):
            assert ask(model="m") + ask(model="m") == "HelloHello"
            assert vcr_cassette.play_count == 2
    """)
    cassette(suite, "cassettes/TEST_IT.yaml", interaction())

    suite.replay().assert_outcomes(passed=1)


def test_a_cassette_that_cannot_be_read_is_named(suite: Project) -> None:
    suite.tests("""
        @pytest.mark.vcr
        def test_it():
            ask()
    """)
    cassette(suite, "cassettes/test_app/test_it.yaml").write_text("interactions: [\n", encoding="utf-8")

    result = suite.replay()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*cassettes/test_app/test_it.yaml, line 2: *"])


def test_a_test_without_the_mark_has_none(suite: Project) -> None:
    suite.tests("""
        def test_it(vcr, vcr_cassette):
            assert vcr is vcr_cassette is None
            with pytest.raises(BaseException, match="without a cassette"):
                ask()
    """)

    suite.replay().assert_outcomes(failed=1)


def test_nothing_leaves_the_machine_but_what_vcr_config_ignores(suite: Project) -> None:
    suite.ini(groq_serve_vcr="true", groq_hosts=" ")
    suite.tests(f"""
        import httpx

        @pytest.fixture
        def vcr_config():
            return {{"ignore_localhost": True, "ignore_hosts": ["other.invalid"]}}

        @pytest.mark.vcr
        def test_ignored():
            assert ask(model="m") == "Hello"
            assert httpx.post("{suite.server.base_url}/openai/v1/nothing").status_code == 401
            with pytest.raises(httpx.ConnectError):
                httpx.get("https://other.invalid/")

        @pytest.mark.vcr
        def test_refused():
            httpx.get("https://images.invalid/")
    """)
    cassette(suite, "cassettes/test_app/test_ignored.yaml", interaction())
    cassette(suite, "cassettes/test_app/test_refused.yaml", interaction())

    result = suite.run()

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["  GET /"])


CONFIGURED = """
    import vcr as vcrpy

    @pytest.fixture
    def vcr_config():
        return {config}

    @pytest.mark.vcr{marker}
    def test_it(vcr):
        assert ask("{prompt}", model="m", user="me", client=groq.Groq(default_query={{"page": 2}})) == "Hello"
"""
QUERY = f"{GROQ}?page=1"


@pytest.mark.parametrize(
    ("config", "marker", "prompt", "file"),
    [
        ("{'match_on': ['method', 'path']}", "", "Ho", "test_it.yaml"),
        ("{'match_on': ['body']}", "(match_on=('method',))", "Ho", "test_it.yaml"),
        (
            "{'filter_query_parameters': ['page'], 'filter_post_data_parameters': [('user', 'x')]}",
            "(record_mode=vcrpy.mode.NONE)",
            "Hi",
            "test_it.yaml",
        ),
        ("{'serializer': 'json', 'match_on': ['path']}", "", "Ho", "test_it.json"),
        (
            "{'path_transformer': vcrpy.VCR.ensure_suffix('.yml'), 'match_on': ['path']}",
            "",
            "Ho",
            "test_it.yml",
        ),
    ],
)
def test_what_vcr_config_says(suite: Project, config: str, marker: str, prompt: str, file: str) -> None:
    suite.tests(CONFIGURED.format(config=config, marker=marker, prompt=prompt))
    cassette(suite, f"cassettes/test_app/{file}", interaction("Hi", QUERY))

    suite.replay().assert_outcomes(passed=1)


def test_a_matcher_beside_the_usual_ones(suite: Project) -> None:
    config = "{'additional_matchers': ['same_user'], 'record_mode': 'once'}"
    suite.write(
        "conftest.py",
        """
        def pytest_recording_configure(config, vcr):
            vcr.register_matcher("same_user", lambda one, other: b"me" in one.body)
        """,
    )
    suite.tests(CONFIGURED.format(config=config, marker="", prompt="Ho"))
    cassette(suite, "cassettes/test_app/test_it.yaml", interaction("Hi", QUERY))

    result = suite.replay()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*messages?0?.content: *"])
    assert suite.commands(result)[0] == "pytest test_app.py::test_it --groq-record=all"


class TestRecording:
    def test_goes_where_pytest_recording_has_it(self, project: Project) -> None:
        project.ini(groq_serve_vcr="true")
        project.tests("""
            @pytest.mark.vcr
            def test_it(vcr):
                assert (len(vcr), vcr.responses) == (0, [])
                assert ask() == "Hello there"
                assert [vcr.requests[-1].method, vcr.responses[-1]["status"]["code"]] == ["POST", 200]
                assert (len(vcr), vcr.play_count) == (1, 0)
        """)
        project.record().assert_outcomes(passed=1)

        assert project.cassettes == ["test_app/test_it"]
        assert project.prompts() == ["Hi"]

    def test_of_a_cassette_that_tests_share_keeps_what_others_recorded(self, project: Project) -> None:
        project.ini(groq_serve_vcr="true")
        project.tests("""
            pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("shared")]

            def test_one(): ask("One")

            def test_two(): ask("Two")
        """)
        project.record().assert_outcomes(passed=2)
        project.record("-k", "test_one", mode="all").assert_outcomes(passed=1, deselected=1)

        assert sorted(project.prompts("test_app/shared")) == ["One", "Two"]
        project.replay().assert_outcomes(passed=2)

    def test_has_the_calls_to_all_hosts(self, project: Project) -> None:
        other = project.server.base_url.replace("127.0.0.1", "localhost")
        project.ini(groq_serve_vcr="true")
        project.tests(f"""
            import httpx

            @pytest.mark.vcr
            def test_it():
                ask()
                assert httpx.get("{other}/cat.png").status_code == 401
        """)
        project.write_cassette()
        (additional, command) = project.commands(project.replay())[:2]

        project.run_command(additional).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
        project.cassette().write_text("no cassette")
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    @pytest.mark.parametrize("record_mode", ["'once'", "'rewrite'", "vcrpy.mode.ALL"])
    def test_is_refused_where_vcr_config_takes_something_out(
        self, project: Project, record_mode: str
    ) -> None:
        project.ini(groq_serve_vcr="true")
        config = f"{{'before_record_response': lambda it: it, 'record_mode': {record_mode}}}"
        project.tests(CONFIGURED.format(config=config, marker="", prompt="Hi"))
        project.with_key()

        result = project.run()

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            [
                "*expected a vcr_config that takes nothing out of a cassette, got before_record_response",
                "*groq_secrets, and remove it from vcr_config.",
            ]
        )
        assert not project.cassettes


def test_groqtapes_fixtures_use_the_same_cassette(suite: Project) -> None:
    suite.tests("""
        @pytest.fixture
        def vcr_cassette_name():
            return "renamed"

        @pytest.mark.vcr
        def test_it(groq_client, groq_cassette, groq_snapshot):
            assert ask(model="m", client=groq_client) == "Hello"
            assert groq_cassette.path.name == "renamed.yaml"
            assert groq_cassette.streams[0].content == "Hello"

        @pytest.mark.vcr
        @pytest.mark.groq_cassette("own")
        def test_own(vcr, groq_cassette):
            assert ask("Own", model="m") == "Hello"
            assert (vcr.play_count, groq_cassette.path.name) == (1, "own.yaml")
    """)
    cassette(suite, "cassettes/test_app/renamed.yaml", interaction())
    cassette(suite, "cassettes/own.yaml", interaction("Own"))

    suite.replay().assert_outcomes(passed=2)


def test_a_key_that_the_module_reads_at_import(suite: Project) -> None:
    suite.tests("""
        import os
        KEY = os.environ["GROQ_API_KEY"]
        pytestmark = pytest.mark.vcr

        def test_it():
            assert ask(model="m", client=groq.Groq(api_key=KEY)) == "Hello"
    """)
    cassette(suite, "cassettes/test_app/test_it.yaml", interaction())

    suite.replay().assert_outcomes(passed=1)


# What pytest-recording declares, as far as it matters here; with the real one: tests/clients.
PYTEST_RECORDING = """
    import types
    import pytest

    class Recording:
        @pytest.fixture(autouse=True)
        def block_network(self, request):
            request.node.user_properties.append("blocked")

        @pytest.fixture(autouse=True)
        def vcr(self):
            return "pytest-recording"

    def pytest_addoption(parser, pluginmanager):
        parser.addoption("--record-mode", default=None)
        parser.addoption("--disable-recording", action="store_true")
        pluginmanager.register(Recording(), "recording")

    def pytest_configure(config):
        for marker in ("vcr", "default_cassette"):
            config.addinivalue_line("markers", marker)
"""


def test_beside_pytest_recording_it_serves_what_has_calls_to_groq(suite: Project) -> None:
    suite.write("conftest.py", PYTEST_RECORDING)
    suite.tests("""
        pytestmark = pytest.mark.vcr

        def test_groq(vcr):
            assert vcr is None or ask(model="m") == "Hello"

        def test_other(vcr):
            assert vcr in ("pytest-recording", None)

        @pytest.mark.default_cassette("new")
        def test_new(vcr, request):
            mode = request.config.getoption("--record-mode")
            assert ("blocked" in request.node.user_properties) is not bool(request.config.option.groq_record)
            assert (vcr == "pytest-recording") is (mode == "once")
    """)
    cassette(suite, "cassettes/test_app/test_groq.yaml", interaction())
    cassette(suite, "cassettes/test_app/test_other.yaml", interaction(None, IMAGE, "meow"))

    for options in ((), ("--record-mode=none",), ("--record-mode=once",), ("--disable-recording",)):
        suite.replay(*options).assert_outcomes(passed=3)
    suite.replay("--groq-record=once").assert_outcomes(passed=3)


def test_without_the_line_groq_hosts_names_the_other_hosts_that_a_cassette_answers(suite: Project) -> None:
    suite.ini(groq_hosts="images.example")
    suite.tests(f"""
        import httpx

        @pytest.mark.groq_cassette
        def test_it():
            assert ask(model="m") == "Hello"
            assert httpx.get("{IMAGE}").content == b"meow"
    """)
    cassette(suite, "cassettes/test_app/test_it.yaml", interaction(), interaction(None, IMAGE, "meow"))

    suite.replay().assert_outcomes(passed=1)


def test_without_the_line_nothing_is_served(project: Project) -> None:
    project.tests("def test_it(vcr): pass")

    project.replay().assert_outcomes(errors=1)
