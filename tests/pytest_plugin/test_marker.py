"""The marker `groq_cassette`: its arguments, and what it can be applied to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project


def test_a_marked_test_is_recorded_once_and_replayed(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            assert ask("Hi") == "Hello there"
    """)
    project.record().assert_outcomes(passed=1)
    assert project.cassettes == ["test_app/test_it"]
    project.replay().assert_outcomes(passed=1)


def test_the_help_shows_its_whole_signature(project: Project) -> None:
    signature = (
        "groq_cassette(name=None, *, record_mode=None, pace=None, match_on=None, "
        "allow_unplayed=False, allow_repeats=False, volatile=(), ignore=()): "
    )
    project.replay("--markers").stdout.re_match_lines([f"@pytest.mark.{re.escape(signature)}.*"])


class TestWhatItAppliesTo:
    def test_a_class_gives_each_of_its_tests_a_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            class TestApp:
                def test_a(self):
                    ask("a")

                class TestInner:
                    def test_b(self):
                        ask("b")
        """)
        project.record().assert_outcomes(passed=2)
        assert project.cassettes == ["test_app/TestApp.TestInner.test_b", "test_app/TestApp.test_a"]
        project.replay().assert_outcomes(passed=2)

    def test_the_closest_marker_wins(self, project: Project) -> None:
        project.tests("""
            pytestmark = pytest.mark.groq_cassette("of_the_module")

            def test_module():
                ask("a")

            @pytest.mark.groq_cassette("of_the_class")
            class TestApp:
                def test_class(self):
                    ask("b")

                @pytest.mark.groq_cassette("of_the_function")
                def test_function(self):
                    ask("c")
        """)
        project.record().assert_outcomes(passed=3)
        assert project.cassettes == ["of_the_class", "of_the_function", "of_the_module"]
        assert project.prompts("of_the_function") == ["c"]
        project.replay().assert_outcomes(passed=3)

    def test_methods_of_unittest(self, project: Project) -> None:
        project.tests("""
            import unittest

            class TestApp(unittest.TestCase):
                @pytest.mark.groq_cassette
                def test_marked(self):
                    self.assertEqual(ask("a"), "Hello there")

                def test_unmarked(self):
                    pass

            @pytest.mark.groq_cassette
            class TestAll(unittest.IsolatedAsyncioTestCase):
                def setUp(self):
                    ask("first")

                async def test_async(self):
                    self.assertEqual(await ask_async("b"), "Hello there")
        """)
        project.record(beside=("unittest",)).assert_outcomes(passed=3)
        assert project.cassettes == ["test_app/TestAll.test_async", "test_app/TestApp.test_marked"]
        assert project.prompts("test_app/TestAll.test_async") == ["first", "b"]
        project.replay(beside=("unittest",)).assert_outcomes(passed=3)

    def test_each_set_of_parameters_has_a_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            @pytest.mark.parametrize("prompt", ["tea", "milk", pytest.param("juice", id="third")])
            def test_it(prompt):
                ask(prompt)
        """)
        project.record().assert_outcomes(passed=3)
        assert project.cassettes == [f"test_app/test_it[{each}]" for each in ("milk", "tea", "third")]
        assert project.prompts("test_app/test_it[third]") == ["juice"]
        project.replay().assert_outcomes(passed=3)

    def test_one_set_of_parameters_alone(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.parametrize(
                "prompt", ["tea", pytest.param("milk", marks=pytest.mark.groq_cassette("of_milk"))]
            )
            def test_it(prompt):
                if prompt == "milk":
                    ask(prompt)
        """)
        project.record().assert_outcomes(passed=2)
        assert project.cassettes == ["of_milk"]
        project.replay().assert_outcomes(passed=2)


class TestName:
    def test_is_one_cassette_that_tests_of_several_files_share(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("greetings")
            def test_a():
                ask("a")

            @pytest.mark.groq_cassette(name="greetings")
            def test_b():
                ask("both")
                ask("b")
        """)
        project.tests(
            """
            @pytest.mark.groq_cassette("greetings.yaml")
            def test_c():
                ask("both")
                ask("c")
            """,
            "test_other.py",
        )
        project.record().assert_outcomes(passed=3)
        assert project.cassettes == ["greetings"]
        assert project.prompts("greetings") == ["a", "both", "b", "c"]
        project.replay().assert_outcomes(passed=3)

    @pytest.mark.parametrize("mode", ["once", "all"])
    def test_a_recording_session_keeps_what_each_of_its_tests_recorded(
        self, project: Project, mode: str
    ) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("prompt", ["a", "b", "c"])
            def test_it(prompt):
                ask(prompt)
        """)
        project.write_cassette("of a time long ago", name="shared") if mode == "all" else None
        project.record(mode=mode).assert_outcomes(passed=3)
        assert project.prompts("shared") == ["a", "b", "c"]
        project.replay().assert_outcomes(passed=3)

    def test_recording_one_of_its_tests_anew_loses_nothing_of_the_others(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("prompt", ["a", "b", "c"])
            def test_it(prompt):
                ask(prompt)
        """)
        project.record().assert_outcomes(passed=3)
        project.record("-k", "b", mode="all").assert_outcomes(passed=1, deselected=2)
        project.replay().assert_outcomes(passed=3)

    @pytest.mark.parametrize("apart", [False, True])
    def test_recording_anew_what_failed_last_loses_nothing_of_the_others(
        self, project: Project, apart: bool
    ) -> None:
        test = """
            import os

            @pytest.mark.groq_cassette("shared")
            def test_{name}():
                ask(os.environ.get("{name}", "{name}"))
        """
        if apart:
            project.tests(test.format(name="A"), "test_a.py")
            project.tests(test.format(name="B"), "test_b.py")
        else:
            project.tests(test.format(name="A") + test.format(name="B"))
        cache = ("cacheprovider",)
        project.record(beside=cache).assert_outcomes(passed=2)
        project.setenv("B", "another")
        project.replay(beside=cache).assert_outcomes(passed=1, failed=1)
        project.record("--lf", mode="all", beside=cache).assert_outcomes(passed=1)
        assert {"A", "another"} <= set(project.prompts("shared"))
        project.ini(groq_unplayed="ignore")  # the run can't know which test made the old request
        project.replay(beside=cache).assert_outcomes(passed=2)

    def test_a_test_that_fails_loses_nothing_that_another_had_recorded(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("shared")
            def test_a():
                assert ask("a") == "Hello there"

            @pytest.mark.groq_cassette("shared")
            def test_b():
                ask("b")
        """)
        project.record().assert_outcomes(passed=2)
        project.server.on("a", stream("Something else"))
        project.record(mode="all").assert_outcomes(passed=1, failed=1)
        project.replay().assert_outcomes(passed=2)

    def test_folders_in_it_are_folders(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("greetings/short")
            def test_it():
                ask()
        """)
        project.record().assert_outcomes(passed=1)
        assert project.cassettes == ["greetings/short"]

    def test_never_leads_out_of_the_folder(self, project: Project) -> None:
        names = ["../outside", "/outside", "a/../../outside", "..", ".", "/"]
        tests = [
            f"@pytest.mark.groq_cassette({name!r})\ndef test_{number}(): ask({name!r})\n"
            for number, name in enumerate(names)
        ]
        project.tests("\n".join(tests))
        project.record().assert_outcomes(passed=len(names))
        assert sorted(project.prompts(name)[0] for name in project.cassettes) == sorted(names)
        assert list(project.path.parent.glob("*.yaml")) == []
        project.replay().assert_outcomes(passed=len(names))

    def test_what_one_test_plays_is_there_for_the_next(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("number", [1, 2])
            def test_it(number):
                ask("the same")
        """)
        project.write_cassette("the same", name="shared")
        project.replay().assert_outcomes(passed=2)


class TestRecordMode:
    def test_counts_more_than_the_option_and_the_ini_option(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(record_mode="new_episodes")
            def test_it(groq_cassette):
                assert groq_cassette.record_mode == "new_episodes"
                ask("a")
                ask("b")
        """)
        project.write_cassette("a")
        project.record(mode="once").assert_outcomes(passed=1)
        assert project.prompts() == ["a", "b"]

    def test_none_on_the_command_line_locks_it(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(record_mode="all")
            def test_it(groq_cassette):
                assert groq_cassette.record_mode == "none"
                ask("new")
        """)
        cassette_path = project.write_cassette("old").read_bytes()
        project.with_key()
        seen = len(project.server.requests)
        project.run("--groq-record=none").assert_outcomes(failed=1)
        assert len(project.server.requests) == seen
        assert project.cassette().read_bytes() == cassette_path

    def test_an_unknown_one_is_an_error_that_lists_them(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(record_mode="always")
            def test_it():
                raise AssertionError("must not run")
        """)
        result = project.replay()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            ["*test_app.py::test_it: expected a record mode (none, once, new_episodes, all), got 'always'"]
        )


class TestMatchOn:
    def test_says_what_has_to_match(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(match_on=["method", "path"])
            def test_it():
                assert ask("now") == "Hello there"
        """)
        project.write_cassette("then")
        project.replay().assert_outcomes(passed=1)

    def test_takes_functions(self, project: Project) -> None:
        project.tests("""
            import json

            def same_length(now, recorded):
                prompts = [json.loads(each.body)["messages"][0]["content"] for each in (now, recorded)]
                return len(prompts[0]) == len(prompts[1])

            @pytest.mark.groq_cassette(match_on=["path", same_length])
            def test_it():
                assert ask("night") == "Hello there"

            @pytest.mark.groq_cassette(match_on=["path", same_length])
            def test_other():
                ask("a longer one")
        """)
        project.write_cassette("light")
        project.write_cassette("light", name="test_app/test_other")
        result = project.replay()
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["*same_length differs from what is recorded"])

    def test_an_unknown_name_is_an_error_that_lists_them(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(match_on=["boddy"])
            def test_it():
                pass
        """)
        result = project.replay()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*names of matchers in match_on (*body, *got 'boddy'"])


class TestAllowUnplayed:
    def test_lets_interactions_be_left(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(allow_unplayed=True)
            def test_it():
                ask("a")
        """)
        project.write_cassette("a", "b")
        project.replay().assert_outcomes(passed=1)


class TestAllowRepeats:
    def test_plays_an_answer_again_and_again(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(allow_repeats=True)
            def test_it():
                assert [ask("a") for _ in range(3)] == ["Hello there"] * 3
        """)
        project.write_cassette("a")
        project.replay().assert_outcomes(passed=1)

    def test_without_it_an_answer_is_played_once(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("a")
                ask("a")
        """)
        project.write_cassette("a")
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            ["*Each recorded answer to this request (1) has been played already,", "*allow_repeats=True*"]
        )


class TestWrongArguments:
    def test_are_an_error_of_the_test_that_shows_the_signature(self, project: Project) -> None:
        problems = {
            'nam="x"': "got an unexpected keyword argument 'nam'",
            '"x", nam="y"': "got an unexpected keyword argument 'nam'",
            '"x", "once"': "too many positional arguments",
            '"x", name="y"': "multiple values for argument 'name'",
            "42": "name is a text, not 42",
            '""': "name is a text, not ''",
            "match_on=42": "match_on is a list of names or functions, not 42",
            'allow_unplayed="no"': "allow_unplayed is True or False, not 'no'",
            "allow_repeats=2": "allow_repeats is True or False, not 2",
        }
        tests = [
            f"@pytest.mark.groq_cassette({arguments})\ndef test_{number}(): raise AssertionError('ran')\n"
            for number, arguments in enumerate(problems)
        ]
        project.tests("\n".join([*tests, "def test_other(): pass"]))
        result = project.replay()
        result.assert_outcomes(errors=len(problems), passed=1)
        for number, text in enumerate(problems.values()):
            result.stdout.fnmatch_lines(
                [
                    f"*test_app.py::test_{number}: expected @pytest.mark.groq_cassette(name=None, *",
                    f"got arguments that don't fit: {text}",
                ]
            )

    def test_a_wrong_pace_says_what_a_pace_is(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(pace="slow")
            def test_it():
                pass
        """)
        result = project.replay()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            ["*expected a pace (instant, recorded, or a factor such as 0.5), got 'slow'"]
        )
