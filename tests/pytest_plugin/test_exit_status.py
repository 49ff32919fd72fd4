"""The exit status of a process in which Groq was called too late for any report; see also ways_out.py."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from groqtape.pytest_plugin.exit_status import _Failing, ends_with_session, fail_process
from groqtape.pytest_plugin.outside_calls import OutsideCalls
from groqtape.recorder import forks


def test_standard_error_fails_only_when_python_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    fail_process()
    stream = sys.stderr
    fail_process()
    assert sys.stderr is stream
    assert isinstance(stream, _Failing)
    print("shown", file=sys.stderr, flush=True)
    assert capsys.readouterr().err == "shown\n"
    with monkeypatch.context() as finalizing:
        finalizing.setattr(sys, "is_finalizing", lambda: True)
        with pytest.raises(OSError, match="while the process ended"):
            stream.flush()


def test_what_is_called_outside_a_session_does_not_end_with_it(pytestconfig: pytest.Config) -> None:
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(ends_with_session(pytestconfig)))
    thread.start()
    thread.join()
    assert answers == [hasattr(pytestconfig, "workerinput")]


def test_a_forked_process_leaves_the_note_to_its_parent(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = forks._Pipe()
    with monkeypatch.context() as one:
        one.setattr(forks, "_pipe", pipe)
        pipe._make()
        calls = OutsideCalls(pytestconfig)
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            calls.note("of a child")
        assert calls.texts == []
        assert forks.unclaimed() == ["of a child"]
    for end in pipe._ends or ():
        os.close(end)
