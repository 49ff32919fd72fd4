"""Refused calls that no test's report can show: the collection, the session or the process fails instead."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.recorder import forks

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["OutsideCalls"]

_FAILED = pytest.ExitCode.TESTS_FAILED
_GOOD = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


class OutsideCalls:
    """A plugin object that reports refused calls.

    Attributes:
        texts: The texts of those outside a test that have not been reported.
        in_tests: The texts of those in a test that ended the session.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._session: pytest.Session | None = None
        self._process = os.getpid()
        self._of_children = forks.RefusedTexts()
        self.texts: list[str] = []
        self.in_tests: list[str] = []
        self._is_reported = self._is_over = False

    def note(self, text: str) -> None:
        """Note a refusal. After the session's report it is written at once: nothing else would show it."""
        if os.getpid() != self._process:
            self._of_children.append(text)
            return
        self.texts.append(text)
        if self._is_reported:
            self._write([text])
        if self._is_over:
            from groqtape.pytest_plugin.exit_status import fail_process

            fail_process()

    def end(self) -> None:
        """Write what no report has shown: there may be no terminal, or the session broke off."""
        late = forks.unclaimed()
        self.texts += late
        if getattr(self._config, "workeroutput", None) is None:
            self._write(late if self._is_reported else self.texts)
            # After pytest_sessionfinish, pytest_unconfigure may have called.
            self._fail_session()
        self._is_reported = self._is_over = True

    def _fail_session(self) -> None:
        if (self.texts or self.in_tests) and self._session and self._session.exitstatus in _GOOD:
            self._session.exitstatus = _FAILED

    @staticmethod
    def _write(texts: list[str]) -> None:
        for text in texts:
            sys.__stderr__.write(f"groqtape: a call outside a test\n{text}\n") if sys.__stderr__ else None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Fail the collection of a module that called Groq, also if it swallowed the exception."""
        known = len(self.texts)
        report = yield
        if report.passed and self.texts[known:]:
            report.outcome, report.longrepr = "failed", self.texts[known]
        del self.texts[known:]  # the report has them
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail the session if Groq was called outside a test: a thread may outlive its own."""
        self._session = session
        self.texts += forks.unclaimed()
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["groqtape"] = [self.texts, self.in_tests]  # pytest-xdist sends it in the end
        result = yield
        self._fail_session()
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Collect the texts of pytest-xdist's workers."""
        texts, in_tests = getattr(node, "workeroutput", {}).get("groqtape", ((), ()))
        self.texts += texts
        self.in_tests += in_tests

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the texts."""
        titles = {"groqtape: a call outside a test": self.texts, "groqtape: a refused call": self.in_tests}
        for title, texts in titles.items():
            for text in texts:
                terminalreporter.section(title, red=True, bold=True)
                terminalreporter.write_line(text)
        self._is_reported = True
