"""A refused call is never what an xfail expected, and an early end of the session does not hide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

SWALLOWED = """
    def swallow():
        try:
            ask("now")
        except BaseException:
            pass

    def convert():
        try:
            ask("now")
        except BaseException:
            raise RuntimeError("the assistant is not available")
"""
MARKS = [
    "xfail",
    "xfail(strict=True)",
    "xfail(raises=RuntimeError, strict=True)",
    "xfail(raises=BaseException, strict=True)",
    'xfail("True", reason="known", strict=True)',
]
REFUSED = {
    "with a cassette": ("@pytest.mark.groq_cassette", "There is no cassette *"),
    "without one": ("", "*This test called Groq without a cassette*"),
}


@pytest.mark.parametrize(("marker", "text"), REFUSED.values(), ids=REFUSED.keys())
class TestARefusedCall:
    @pytest.mark.parametrize("mark", MARKS)
    def test_is_no_expected_failure(self, project: Project, marker: str, text: str, mark: str) -> None:
        calls = ["swallow()", "convert()", 'ask("now")']
        tests = [
            f"""
    {marker}
    @pytest.mark.{mark}
    def test_{number}():
        {call}
    """
            for number, call in enumerate(calls)
        ]
        project.tests(SWALLOWED + "".join(tests))
        result = project.replay()
        result.assert_outcomes(failed=len(calls))
        result.stdout.fnmatch_lines([text])

    def test_is_none_in_the_test_s_body_either(self, project: Project, marker: str, text: str) -> None:
        project.tests(
            SWALLOWED
            + f"""
    import unittest

    {marker}
    def test_it():
        swallow()
        pytest.xfail("known")

    class TestIt(unittest.TestCase):
        {marker}
        @unittest.expectedFailure
        def test_it(self):
            convert()
    """
        )
        result = project.replay(beside=("unittest",))
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines([text])

    def test_is_none_in_fixtures(self, project: Project, marker: str, text: str) -> None:
        project.tests(
            SWALLOWED
            + f"""
    @pytest.fixture
    def broken():
        convert()

    @pytest.fixture
    def around():
        yield
        swallow()

    {marker}
    @pytest.mark.xfail(strict=True)
    def test_set_up(broken):
        pass

    {marker}
    @pytest.mark.xfail
    def test_teardown(around):
        assert False
    """
        )
        result = project.replay()
        result.assert_outcomes(xfailed=1, errors=2)
        result.stdout.fnmatch_lines([text])

    @pytest.mark.parametrize("returncode", ["0", "None"])
    def test_fails_a_session_that_a_test_ends(
        self, project: Project, marker: str, text: str, returncode: str
    ) -> None:
        project.tests(
            SWALLOWED
            + f"""
    {marker}
    def test_it():
        swallow()
        pytest.exit("enough", {returncode})
    """
        )
        result = project.replay()
        assert result.ret != 0
        result.stdout.fnmatch_lines(["*groqtape: a refused call*", text])


def test_an_ordinary_xfail_stays_one(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette
        @pytest.mark.xfail(strict=True)
        def test_it():
            assert ask("Hi") == "Bye"

        def test_exit():
            pytest.exit("enough", 0)
    """)
    project.write_cassette("Hi")
    result = project.replay()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*1 xfailed*"])
