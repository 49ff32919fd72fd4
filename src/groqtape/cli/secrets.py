"""No secret is shown: whatever redaction would take out of a file stands as REDACTED on the screen too."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cli.project import OwnProjects
from groqtape.cli.usage_errors import UsageError
from groqtape.errors import GroqtapeError
from groqtape.redaction.redactor import Redactor
from groqtape.reports.figures import plural
from groqtape.reports.without_secrets import without_secrets

if TYPE_CHECKING:
    from groqtape.cli.project import Project
    from groqtape.reports.cassette_files import CassetteFile

__all__ = ["Secrets", "redactor_of"]


class Secrets:
    """Takes secrets out of cassettes and texts, and counts them.

    Args:
        project: The project of the current folder, whose options say what is secret; so do those of the
            project that a cassette lies in.

    Raises:
        UsageError: An option holds no good regular expression.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._own = OwnProjects(project)
        self._redactor = redactor_of(project)
        self._redactors = {project.root: self._redactor}
        self._in_cassettes: dict[str, int] = {}
        self._in_texts = False
        # Most of what is shown of many cassettes repeats.
        self.text = functools.lru_cache(4096)(self._text)

    def cassette(self, cassette: CassetteFile) -> CassetteFile:
        """Take the secrets out of a cassette that was read."""
        own = self._own.of(Path(cassette.name))
        if own.root not in self._redactors:
            self._redactors[own.root] = redactor_of(self._project, own)
        redacted, count = without_secrets(cassette, self._redactors[own.root])
        if count:
            self._in_cassettes[cassette.name] = count
        self.text.cache_clear()  # the redactor has learned the credentials in its headers
        return redacted

    def _text(self, text: str) -> str:
        """Take the secrets out of a text."""
        redacted = self._redactor.shown(text)
        self._in_texts |= redacted != text
        return redacted

    def data(self, value: Any) -> Any:
        """Take the secrets out of the texts in plain data."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.data(key): self.data(each) for key, each in value.items()}
        return [self.data(each) for each in value] if isinstance(value, list | tuple) else value

    def note(self) -> str:
        """What there is to say of what was taken out; empty where nothing was."""
        if len(self._in_cassettes) == 1:
            [(name, count)] = self._in_cassettes.items()
            stands = "stands" if count == 1 else "stand"
            way_out = f"Take {'it' if count == 1 else 'them'} out of the file: groqtape check --fix {name}"
            return f"{plural(count, 'secret')} in {name} {stands} as REDACTED. {way_out}"
        if self._in_cassettes or self._in_texts:
            where = f" in {len(self._in_cassettes)} cassettes" if self._in_cassettes else ""
            return f"secrets{where} stand as REDACTED. See where they are: groqtape check"
        return ""


def redactor_of(*projects: Project) -> Redactor:
    """What takes out what the options of projects call secret.

    Args:
        projects: That of the current folder, and a cassette's own. It may have been recorded in either.

    Raises:
        UsageError: An option holds no good regular expression.
    """
    each_once = {project.root: project for project in projects}.values()
    try:
        return Redactor(
            [name for project in each_once for name in project.kept_headers],
            [expression for project in each_once for expression in project.secrets],
            [expression for project in each_once for expression in project.allowed_secrets],
        )
    except GroqtapeError as error:
        raise UsageError(str(error)) from error
