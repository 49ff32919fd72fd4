"""What becomes of a recording, by how its test ended: only a test that went well changes a cassette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

MODES = pytest.mark.parametrize("mode", ["new_episodes", "all"])


@pytest.fixture
def old(project: Project) -> bytes:
    """What the cassette is before."""
    cassette_path = project.write_cassette("old").read_bytes()
    project.server.default = stream("Another answer")
    return cassette_path


class TestTheOldCassetteStaysByteForByte:
    @MODES
    def test_when_the_test_does_not_pass(self, project: Project, old: bytes, mode: str) -> None:
        project.tests("""
            pytestmark = pytest.mark.groq_cassette("book")

            def test_asserts():
                ask("new")
                assert False

            def test_raises():
                ask("new")
                raise RuntimeError("broken")

            def test_fails():
                ask("new")
                pytest.fail("for a reason")

            def test_skips():
                pytest.skip("today not")
        """)
        cassette_path = project.cassette("book")
        cassette_path.write_bytes(old)
        project.record(mode=mode).assert_outcomes(failed=3, skipped=1)
        assert cassette_path.read_bytes() == old

    @MODES
    def test_when_its_set_up_fails(self, project: Project, old: bytes, mode: str) -> None:
        project.tests("""
            @pytest.fixture
            def broken():
                ask("new")
                raise RuntimeError("broken")

            @pytest.mark.groq_cassette
            def test_it(broken):
                pass
        """)
        project.record(mode=mode).assert_outcomes(errors=1)
        assert project.cassette().read_bytes() == old

    @MODES
    def test_when_its_teardown_fails(self, project: Project, old: bytes, mode: str) -> None:
        project.tests("""
            @pytest.fixture
            def broken():
                yield
                raise RuntimeError("broken")

            @pytest.mark.groq_cassette
            def test_it(broken):
                ask("new")
        """)
        project.record(mode=mode).assert_outcomes(passed=1, errors=1)
        assert project.cassette().read_bytes() == old

    @MODES
    @pytest.mark.parametrize("mark", ["skip", "skipif(True, reason='today not')", "xfail(run=False)"])
    def test_when_it_is_marked_to_be_skipped(
        self, project: Project, old: bytes, mode: str, mark: str
    ) -> None:
        project.tests(f"""
            @pytest.mark.{mark}
            @pytest.mark.groq_cassette
            def test_it():
                ask("new")
        """)
        result = project.record(mode=mode)
        assert result.ret == 0
        assert project.cassette().read_bytes() == old

    @MODES
    def test_when_a_method_of_unittest_fails_or_is_skipped(
        self, project: Project, old: bytes, mode: str
    ) -> None:
        project.tests("""
            import unittest

            @pytest.mark.groq_cassette
            class TestApp(unittest.TestCase):
                def test_fails(self):
                    ask("new")
                    self.assertEqual(1, 2)

                @unittest.skip("today not")
                def test_skipped(self):
                    ask("new")
        """)
        names = ["test_app/TestApp.test_fails", "test_app/TestApp.test_skipped"]
        for name in names:
            project.cassette(name).parent.mkdir(exist_ok=True)
            project.cassette(name).write_bytes(old)
        project.record(mode=mode, beside=("unittest",)).assert_outcomes(failed=1, skipped=1)
        assert [project.cassette(name).read_bytes() for name in names] == [old, old]

    @MODES
    def test_when_it_passes_though_it_must_not(self, project: Project, old: bytes, mode: str) -> None:
        project.tests("""
            @pytest.mark.xfail(strict=True)
            @pytest.mark.groq_cassette
            def test_it():
                ask("new")
        """)
        project.record(mode=mode).assert_outcomes(failed=1)
        assert project.cassette().read_bytes() == old

    @MODES
    @pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "pytest.exit('enough')"])
    def test_when_the_session_is_interrupted(self, project: Project, old: bytes, mode: str, end: str) -> None:
        project.tests(f"""
            @pytest.mark.groq_cassette
            def test_before():
                ask("before")

            @pytest.mark.groq_cassette
            def test_it():
                ask("new")
                {end}
        """)
        assert project.record(mode=mode).ret == pytest.ExitCode.INTERRUPTED
        assert project.cassette().read_bytes() == old
        assert project.prompts("test_app/test_before") == ["before"]

    def test_when_a_call_is_refused(self, project: Project, old: bytes) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("new")
        """)
        project.record(mode="once").assert_outcomes(failed=1)
        assert project.cassette().read_bytes() == old

    def test_when_another_plugin_fails_its_report(self, project: Project, old: bytes) -> None:
        project.write(
            "conftest.py",
            """
            import pytest

            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_call(item):
                yield
                raise RuntimeError("not clean")
            """,
        )
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("new")
        """)
        project.record(mode="all").assert_outcomes(failed=1)
        assert project.cassette().read_bytes() == old

    def test_and_there_is_none_where_there_was_none(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("new")
                assert False
        """)
        project.record().assert_outcomes(failed=1)
        assert not (project.path / "cassettes").exists()


class TestARecordingIsKept:
    def test_of_a_test_that_is_expected_to_fail(self, project: Project) -> None:
        """Else it could never be replayed: a missing cassette would be its expected failure for ever."""
        project.tests("""
            @pytest.mark.xfail(raises=AssertionError, strict=True)
            @pytest.mark.groq_cassette
            def test_it():
                assert ask() == "Something else"
        """)
        project.record().assert_outcomes(xfailed=1)
        assert project.prompts() == ["Hi"]
        project.replay().assert_outcomes(xfailed=1)

    def test_of_a_test_that_skips_after_it_has_asked(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                pytest.skip(ask())
        """)
        project.record().assert_outcomes(skipped=1)
        project.replay().assert_outcomes(skipped=1)

    def test_of_each_test_that_passed_beside_one_that_failed(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            @pytest.mark.parametrize("good", [True, False])
            def test_it(good):
                ask()
                assert good
        """)
        project.record().assert_outcomes(passed=1, failed=1)
        assert len(project.cassettes) == 1


class TestABrokenCassette:
    def test_is_one_error_of_the_test_and_left_as_it_is(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                raise AssertionError("must not run")

            def test_other():
                pass
        """)
        path = project.write("cassettes/test_app/test_it.yaml", "interactions: 42\n")
        before = path.read_bytes()
        result = project.replay()
        result.assert_outcomes(errors=1, passed=1)
        result.stdout.fnmatch_lines(["test_app.py::test_it: */cassettes/test_app/test_it.yaml*"])
        assert path.read_bytes() == before

    def test_is_no_error_of_a_test_that_is_skipped(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.skip
            @pytest.mark.groq_cassette
            def test_it():
                pass
        """)
        project.write("cassettes/test_app/test_it.yaml", "interactions: 42\n")
        project.replay().assert_outcomes(skipped=1)

    def test_is_recorded_anew_with_all(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask()
        """)
        project.write("cassettes/test_app/test_it.yaml", "interactions: 42\n")
        project.record(mode="all").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)


def test_a_cassette_that_can_not_be_written_is_an_error(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            ask()
    """)
    project.write("cassettes", "this is no folder\n")
    result = project.record()
    assert result.parseoutcomes().get("errors") == 1
    result.stdout.fnmatch_lines(["test_app.py::test_it: *cassettes*"])


def test_a_recording_that_can_not_be_written_is_an_error_too(project: Project) -> None:
    project.tests("""
        from pathlib import Path

        @pytest.mark.groq_cassette
        def test_it():
            ask()
            Path("cassettes").write_text("written by another process")
    """)
    result = project.record()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["test_app.py::test_it: *the cassette can't be written: *"])
