"""Whether a run was of the whole suite, and went through to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["why_not_whole"]

# Options that keep tests from being collected or run, by pytest's names for them.
_NARROWING = {
    "keyword": "-k",
    "markexpr": "-m",
    "lf": "--lf",
    "failedfirst": "--ff",
    "stepwise": "--stepwise",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
    "collectonly": "--collect-only",
    "setuponly": "--setup-only",
    "setupplan": "--setup-plan",
}


def why_not_whole(session: pytest.Session, exit_status: int, *, noted: str | None = None) -> str | None:
    """Why a run tells nothing of tests that it did not run; None if it was of the whole suite.

    Args:
        session: The session.
        exit_status: How it ended.
        noted: What has been noticed during the session.
    """
    return next(_reasons(session, exit_status, noted), None)


def _reasons(session: pytest.Session, exit_status: int, noted: str | None) -> Iterator[str]:
    config = session.config
    for name, option in _NARROWING.items():
        if config.getoption(name, default=None):
            yield f"{option} narrows it"
    yield from _narrowed_by_arguments(config)
    if noted is not None:
        yield noted
    most_failures = config.getoption("maxfail", default=0)
    if most_failures and session.testsfailed >= most_failures:
        yield "-x or --maxfail ended it"
    if exit_status == pytest.ExitCode.NO_TESTS_COLLECTED:
        yield "it had no tests"
    elif exit_status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        yield "it broke off"


def _narrowed_by_arguments(config: pytest.Config) -> Iterator[str]:
    root, started_in = config.rootpath, config.invocation_params.dir
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        return
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        if started_in != root:
            yield f"it began in {started_in}, below rootdir {root}"
        return
    given: set[Path] = {started_in / arg for arg in config.args}
    whole = {root / path for path in config.getini("testpaths")}
    if root not in given and not (whole and whole <= given):
        yield f"it was of {' '.join(config.args)} alone"
