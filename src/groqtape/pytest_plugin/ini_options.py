"""The ini options: declared, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from groqtape.errors import GroqtapeError
from groqtape.recorder.record_modes import RECORD_MODES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INI_OPTIONS", "IniValues", "add_ini_options", "check_pace"]


def _one_of(*choices: str) -> Callable[[Any], object]:
    def check(value: Any) -> None:
        if value not in choices:
            raise GroqtapeError(f"expected one of {', '.join(choices)}, got {value!r}")

    return check


# What checks a value is imported when there is one: a suite that sets nothing needs none of it.


def check_pace(value: Any) -> None:
    """Check a pace.

    Raises:
        GroqtapeError: It is none.
    """
    if value != "instant":
        from groqtape.recorder.pace import parse_pace

        parse_pace(value)


def _hosts(values: Any) -> None:
    if values:
        from groqtape.recorder.hosts import GroqHosts

        GroqHosts(values)


def _secrets(values: Any) -> None:
    if values:
        from groqtape.redaction.expressions import Expressions

        Expressions(secrets=values)


def _allowed_secrets(values: Any) -> None:
    if values:
        from groqtape.redaction.expressions import Expressions

        Expressions(allow=values)


def _matchers(values: Any) -> None:
    if values:
        from groqtape.recorder.matching import matchers

        matchers(values)


def _volatile(values: Any) -> None:
    if values:
        from groqtape.recorder.volatile import Volatile

        Volatile(values, "")


def _ignored_fields(values: Any) -> None:
    if values:
        from groqtape.recorder.ignored_fields import check_field

        for value in values:
            check_field(value, "")


def _anything(value: Any) -> None:
    """Any value of the type will do."""


class _Option:
    """An ini option.

    Args:
        name: Its name.
        help: Its line in `pytest --help`; it also tells our declaration from another's of the same name.
        type: Its type, as `pytest.Parser.addini` takes it.
        default: Its value where the ini file has none.
        check: Raises GroqtapeError if a value is not allowed.
    """

    def __init__(
        self,
        name: str,
        help: str,  # noqa: A002  # as pytest.Parser.addini has it
        type: Literal["string", "args", "linelist", "bool"] = "string",  # noqa: A002
        default: Any = None,
        check: Callable[[Any], object] = _anything,
    ) -> None:
        self.name = name
        self.help = help
        self.type = type
        self.default = default
        self.check = check


INI_OPTIONS = (
    _Option(
        "groq_record_mode", "The record mode without --groq-record.", "string", "none", _one_of(*RECORD_MODES)
    ),
    _Option("groq_pace", "The pace without --groq-pace.", "string", "instant", check_pace),
    _Option(
        "groq_cassette_dir",
        "The folder of the cassettes, from rootdir; {test_dir} and {module}: a test file's folder and name.",
        default="cassettes",
    ),
    _Option(
        "groq_cassette_names",
        "How cassettes are named: groqtape or pytest-recording (pytest-vcr, too).",
        "string",
        "groqtape",
        _one_of("groqtape", "pytest-recording"),
    ),
    _Option("groq_hosts", "Groq's hosts, beside its own and GROQ_BASE_URL's.", "args", [], _hosts),
    _Option("groq_match_on", "Matchers for requests, without a marker's match_on.", "args", [], _matchers),
    _Option(
        "groq_unplayed",
        "What unplayed interactions do: error, warn or ignore.",
        "string",
        "error",
        _one_of("error", "warn", "ignore"),
    ),
    _Option("groq_keep_headers", "Headers to keep, beside those that replaying needs.", "args", []),
    _Option(
        "groq_secrets",
        "Regular expressions, a line each, for what else must never be written.",
        "linelist",
        [],
        _secrets,
    ),
    _Option(
        "groq_allow_secrets",
        "Regular expressions, a line each, for what looks like a secret and is harmless.",
        "linelist",
        [],
        _allowed_secrets,
    ),
    _Option(
        "groq_volatile",
        "Regular expressions, a line each, for text that does not count when requests are compared; "
        "also @uuid, @date, @time, @datetime, @timestamp.",
        "linelist",
        [],
        _volatile,
    ),
    _Option(
        "groq_ignore",
        "Fields that do not count when requests are compared, such as seed and metadata.*",
        "args",
        [],
        _ignored_fields,
    ),
    _Option(
        "groq_serve_vcr", "Answer tests that are marked vcr, as pytest-recording does.", "bool", default=False
    ),
    _Option("groq_auto", "Give every test that calls Groq a cassette.", "bool", default=False),
    _Option(
        "groq_placeholder_key",
        "Where a placeholder stands in for a missing GROQ_API_KEY while replaying: used (clients, and tests "
        "that use groqtape), session (the environment, from the start) or off.",
        "string",
        "used",
        _one_of("used", "session", "off"),
    ),
)


def add_ini_options(parser: pytest.Parser) -> None:
    """Declare the ini options."""
    for option in INI_OPTIONS:
        parser.addini(option.name, option.help, type=option.type, default=option.default)


class IniValues:
    """The values of the ini options; the default, where a value is not allowed.

    An error waits until conftest.py files are loaded: the option may be one of the project's own.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._errors: dict[str, str] = {}
        self._values = {option.name: self._read(config, option) for option in INI_OPTIONS}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def _read(self, config: pytest.Config, option: _Option) -> Any:
        try:
            value = config.getini(option.name)
            option.check(value)
        except GroqtapeError as error:
            problem = str(error)
        except (ValueError, TypeError, pytest.UsageError) as error:  # pytest's own, for the type
            allowed = "true or false" if option.type == "bool" else "a list of texts"
            problem = f"expected {allowed}: {error}"
        else:
            return value
        self._errors[option.name] = f"{_where(config, option.name)}: ini option {option.name}: {problem}"
        return option.default

    def check(self, config: pytest.Config) -> None:
        """Report values that are not allowed.

        Raises:
            pytest.UsageError: There is one.
        """
        declared: dict[str, Any] = getattr(getattr(config, "_parser", None), "_inidict", {})
        for option in INI_OPTIONS:
            if option.name in self._errors and option.help in declared.get(option.name, [option.help]):
                raise pytest.UsageError(self._errors[option.name])


def _where(config: pytest.Config, name: str) -> str:
    """Where an option is set: in a file, or on the command line."""
    overrides = config.known_args_namespace.override_ini or ()  # config.option does not have it yet
    if any(override.partition("=")[0] == name for override in overrides):
        return "command line (-o)"
    return str(config.inipath)
