import argparse
import inspect
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from groqtape.errors import GroqtapeError
from groqtape.pytest_plugin.ini_options import INI_OPTIONS
from groqtape.pytest_plugin.marker import MarkerSettings
from groqtape.pytest_plugin.plugin import MARKER
from groqtape.pytest_plugin.settings import SessionSettings


class Item:
    """What the settings ask of a test: its closest marker."""

    def __init__(self, *markers: pytest.MarkDecorator) -> None:
        self.marks = [marker.mark for marker in markers]

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next((mark for mark in self.marks if mark.name == name), None)


def marked(*args: Any, **kwargs: Any) -> MarkerSettings:
    # with_args: a function alone in the call would be decorated.
    marker = pytest.mark.groq_cassette.with_args(*args, **kwargs)
    return MarkerSettings.of(cast("pytest.Item", Item(pytest.mark.usefixtures("other"), marker)))


# The marker


def test_a_test_without_the_marker_has_the_defaults() -> None:
    settings = MarkerSettings.of(cast("pytest.Item", Item(pytest.mark.usefixtures("other"))))
    assert settings == MarkerSettings(None, None, None, None, allow_unplayed=False, allow_repeats=False)
    assert marked() == settings


def test_everything_the_marker_can_say() -> None:
    settings = marked(
        "shared", record_mode="all", pace=0.5, match_on=["body"], allow_unplayed=True, allow_repeats=True
    )
    assert settings == MarkerSettings("shared", "all", 0.5, ["body"], allow_unplayed=True, allow_repeats=True)
    assert marked(name="shared").name == "shared"
    assert marked(None).name is None
    assert marked(match_on=None).match_on is None
    assert marked(match_on="body").match_on == "body"


def test_the_help_line_states_the_whole_signature() -> None:
    signature = MARKER.partition(": ")[0]
    shown = [f"{name}={default}" for name, default in MarkerSettings._field_defaults.items()]
    assert signature == f"groq_cassette({shown[0]}, *, {', '.join(shown[1:])})"
    assert inspect.cleandoc(MARKER) == MARKER


@pytest.mark.parametrize(
    ("args", "kwargs", "problem"),
    [
        (("",), {}, "name is a text, not ''"),
        ((7,), {}, "name is a text, not 7"),
        ((), {"name": ["a"]}, "name is a text, not ['a']"),
        (("a", "once"), {}, "too many positional arguments"),
        (("a",), {"name": "b"}, "multiple values for argument 'name'"),
        ((), {"mode": "once"}, "got an unexpected keyword argument 'mode'"),
        ((), {"match_on": 7}, "match_on is a list of names or functions, not 7"),
        ((), {"allow_unplayed": "no"}, "allow_unplayed is True or False, not 'no'"),
        ((), {"allow_repeats": 1}, "allow_repeats is True or False, not 1"),
        ((), {"allow_repeats": None}, "allow_repeats is True or False, not None"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_the_signature(
    args: tuple[Any, ...], kwargs: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GroqtapeError) as caught:
        marked(*args, **kwargs)
    assert str(caught.value) == (
        f"expected @pytest.mark.{MARKER.partition(': ')[0]}\ngot arguments that don't fit: {problem}"
    )


# The session


class Config:
    """What the settings ask of a configuration: the ini file and its folder."""

    rootpath = Path("project")
    inipath = rootpath / "pytest.ini"
    overrides: ClassVar[list[str]] = []

    def __init__(self, ini: dict[str, Any]) -> None:
        self.ini = {**{option.name: option.default for option in INI_OPTIONS}, **ini}

    def getini(self, name: str) -> Any:
        return self.ini[name]

    @property
    def known_args_namespace(self) -> argparse.Namespace:
        return argparse.Namespace(override_ini=self.overrides)


def session(record: str | None = None, pace: str | None = None, **ini: Any) -> SessionSettings:
    options = argparse.Namespace(groq_record=record, groq_pace=pace, groq_kept=False)
    config = cast("pytest.Config", Config(ini))
    settings = SessionSettings(config, options)
    settings.ini.check(config)
    return settings


def test_the_defaults_of_a_session() -> None:
    settings = session()
    assert (settings.record_mode, settings.pace, settings.unplayed) == ("none", "instant", "error")
    assert settings.folder == Path("project/cassettes")
    assert settings.auto is False
    assert settings.hosts == []


def test_the_command_line_goes_before_the_ini_file() -> None:
    settings = session("once", "recorded", groq_record_mode="all", groq_pace="2")
    assert (settings.record_mode, settings.pace) == ("once", "recorded")
    settings = session(groq_record_mode="all", groq_pace="2")
    assert (settings.record_mode, settings.pace) == ("all", "2")


@pytest.mark.parametrize(
    ("command_line", "ini", "marker", "expected"),
    [
        (None, "none", None, "none"),
        (None, "none", "once", "once"),
        (None, "all", None, "all"),
        (None, "all", "none", "none"),
        ("once", "none", None, "once"),
        ("once", "none", "new_episodes", "new_episodes"),
        ("none", "all", None, "none"),
        ("none", "none", "all", "none"),
    ],
)
def test_the_record_mode_of_a_test(
    command_line: str | None, ini: str, marker: str | None, expected: str
) -> None:
    settings = session(command_line, groq_record_mode=ini)
    assert settings.record_mode_of(MarkerSettings(record_mode=marker)) == expected


@pytest.mark.parametrize(
    ("ini", "problem"),
    [
        (
            {"groq_record_mode": "any"},
            "expected one of none, once, new_episodes, all, got 'any'",
        ),
        (
            {"groq_unplayed": "fail"},
            "expected one of error, warn, ignore, got 'fail'",
        ),
        ({"groq_pace": "fast"}, "expected a pace (instant, recorded, or a factor such as 0.5), got 'fast'"),
        (
            {"groq_hosts": ["gateway:port"]},
            "expected a host (gateway.example, gateway.example:8443, *.gateway.example) or a URL",
        ),
        ({"groq_secrets": ["("]}, "expected a regular expression"),
        ({"groq_allow_secrets": ["("]}, "expected a regular expression for what is harmless"),
        ({"groq_match_on": ["boddy"]}, "expected the names of matchers in match_on (body, "),
    ],
)
def test_what_the_ini_file_can_not_say(ini: dict[str, Any], problem: str) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        session(**ini)
    option = next(iter(ini))
    assert str(caught.value).startswith(f"{Config.inipath}: ini option {option}: {problem}")


def test_the_command_line_is_named_where_it_sets_an_ini_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Config, "overrides", ["groq_unplayed=fail"])
    with pytest.raises(pytest.UsageError, match=r"^command line \(-o\): ini option groq_unplayed: "):
        session(groq_unplayed="fail")


@pytest.mark.parametrize("pace", ["", "fast"])
def test_what_the_command_line_can_not_say(pace: str) -> None:
    with pytest.raises(pytest.UsageError, match="expected a pace"):
        session(pace=pace)
