"""What looks at a whole run, if an option asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.pytest_plugin.xdist import is_worker

if TYPE_CHECKING:
    import pytest

    from groqtape.pytest_plugin.session import Session

__all__ = ["register"]


def register(config: pytest.Config, session: Session) -> None:
    """Register the plugin objects that the command line asks for.

    Raises:
        pytest.UsageError: The file that an option names can't be written.
    """
    options, plugins = config.option, config.pluginmanager
    if options.groq_unused:
        from groqtape.pytest_plugin.unused_cassettes import UnusedCassettes

        plugins.register(UnusedCassettes(config, session.paths), "groqtape-unused-cassettes")
    if is_worker(config) or not (options.groq_report or options.groq_summary):
        return  # a worker's reports go to the main process
    from groqtape.pytest_plugin.run_cassettes import RunCassettes

    run = RunCassettes(config, session.settings)
    plugins.register(run, "groqtape-run-cassettes")
    if options.groq_report:
        from groqtape.pytest_plugin.html_report import HtmlReport

        plugins.register(HtmlReport(options.groq_report, run, config), "groqtape-html-report")
    if options.groq_summary:
        from groqtape.pytest_plugin.step_summary import StepSummary

        plugins.register(StepSummary(run), "groqtape-step-summary")
