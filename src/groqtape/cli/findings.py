"""What `groqtape check` looks for in one cassette."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from groqtape.cassettes.ends import CLOSED, COMPLETE
from groqtape.cli.secret_findings import secrets_in
from groqtape.errors import CassetteError, StreamCheckError
from groqtape.reports.canonical_form import canonical_text
from groqtape.reports.cassette_files import read_text
from groqtape.reports.endings import explained, shown_end
from groqtape.reports.retired_models import retired_model
from groqtape.reports.without_secrets import without_secrets

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator
    from pathlib import Path

    from groqtape.redaction.redactor import Redactor
    from groqtape.reports.interaction import Interaction

__all__ = ["RULES", "Finding", "findings_in"]

RULES = {
    "unreadable": "the file is no good cassette",
    "secret": "redaction would take something out",
    "retired-model": "a request names a model that Groq has retired",
    "cut": "a stream was cut, or ended with an error",
    "left": "a stream was closed before its end",
    "malformed": "a stream ended well, and breaks a rule that every good stream keeps",
    "not-canonical": "the file is not as groqtape writes it",
}
"""What can be found, by the names that `--ignore` takes."""


class Finding(NamedTuple):
    """Something that is wrong with a cassette.

    Attributes:
        rule: One of `RULES`.
        path: The file, as it is shown.
        line: The line in it (the first is 1), where it is known.
        interaction: The number of the interaction (the first is 1), where it is about one.
        message: What is wrong.
        remedy: The way out.
        can_be_fixed: Whether `--fix` fixes it.
    """

    rule: str
    path: str
    line: int | None
    interaction: int | None
    message: str
    remedy: str
    can_be_fixed: bool = False


def findings_in(path: Path, shown: str, redactor: Redactor, today: datetime.date) -> list[Finding]:
    """Check a cassette.

    Args:
        path: The file.
        shown: The file, as it is shown.
        redactor: What takes secrets out.
        today: The day, for models that are retired.

    Returns:
        What is wrong, in the order of the file. No message has a secret in it, also where it quotes the file.
    """
    found = list(_findings_in(path, shown, redactor, today))
    return [one._replace(message=redactor.text(one.message)) for one in found]


def _findings_in(path: Path, shown: str, redactor: Redactor, today: datetime.date) -> Iterator[Finding]:
    try:
        text, cassette = read_text(path)
    except CassetteError as error:
        yield Finding("unreadable", shown, error.line, None, error.problem, error.remedy)
        return
    has_secret = False
    redacted, _ = without_secrets(cassette, redactor)
    for interaction, without in zip(cassette.interactions, redacted.interactions, strict=True):
        for rule, place, line in secrets_in(interaction, without, redactor, text):
            has_secret = True
            message = f"{rule} in the {place}"
            remedy = "Take it out: groqtape check --fix"
            yield Finding("secret", shown, line, interaction.number, message, remedy, can_be_fixed=True)
        yield from _of_model(interaction, shown, today)
        yield from _of_end(interaction, shown)
        yield from _of_stream(interaction, shown)
    if not has_secret and text.replace("\r\n", "\n") != canonical_text(redacted):
        yield Finding(
            "not-canonical",
            shown,
            None,
            None,
            "it is not as groqtape writes it: edited by hand, or written by another recorder",
            "Write it anew: groqtape check --fix",
            can_be_fixed=True,
        )


def _of_model(interaction: Interaction, shown: str, today: datetime.date) -> Iterator[Finding]:
    retired = retired_model(interaction.model or "", today)
    if retired is not None:
        instead = f" with {retired.replacement or 'another model'}"
        yield Finding(
            "retired-model",
            shown,
            None,
            interaction.number,
            f"Groq retired {interaction.model} on {retired.since:%Y-%m-%d}: it can't be recorded anew",
            f"Record it{instead}: rm {shlex.quote(shown)} && pytest --groq-record=once",
        )


def _of_end(interaction: Interaction, shown: str) -> Iterator[Finding]:
    end = shown_end(interaction)
    if end == COMPLETE or end.isdigit():
        return  # a status is an answer that tests ask for
    yield Finding(
        "left" if end == CLOSED else "cut",
        shown,
        None,
        interaction.number,
        explained(interaction),
        "Record it anew, or keep it: groqtape check --ignore " + ("left" if end == CLOSED else "cut"),
    )


def _of_stream(interaction: Interaction, shown: str) -> Iterator[Finding]:
    if shown_end(interaction) != COMPLETE or interaction.stream is None:
        return
    try:
        interaction.stream.check()
    except StreamCheckError as error:
        remedy = "Record it anew, or keep it: groqtape check --ignore malformed"
        for problem in error.problems:
            yield Finding("malformed", shown, None, interaction.number, problem, remedy)
