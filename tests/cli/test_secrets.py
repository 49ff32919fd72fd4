"""Secrets in files that groqtape did not record: no verb shows them, and each says that there were some."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
import yaml
from cli.cassettes import events, plain, request, stream, text, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

KEY = "gsk_" + "a1B2c3D4" * 6 + "e5F6"
TOKEN = "rA9-secret-of-a-gateway-77xQ"  # nothing gives it away but the header that has it
CUSTOMER = "customer 4711"  # groq_secrets
SECRETS = (KEY, TOKEN, CUSTOMER)


@pytest.fixture(autouse=True)
def cassette_path(project: Path) -> Path:
    """A cassette in plain vcrpy YAML with secrets everywhere, and one that has other words."""
    (project / "pytest.ini").write_text("[pytest]\ngroq_secrets = customer [0-9]+\n")
    for name, content in files_with_secrets().items():
        (project / name).write_text(content, "utf-8", newline="")
    return project / "a.yaml"


@functools.cache
def files_with_secrets() -> dict[str, str]:
    files = {}
    split = [KEY[:9], KEY[9:30], KEY[30:] + " and ", "custo", "mer 47", "11", " end"]
    sent = request(f"Is it {KEY} of {CUSTOMER}?", user=TOKEN)
    sent["uri"] += f"?api_key={KEY}"
    sent["headers"] |= {"authorization": [f"Bearer {KEY}"], "api-key": [TOKEN]}
    for name, more in (("a", ""), ("b", " more")):
        recorded = [
            stream(events([*split, more] if more else split, reasoning=list(KEY)), sent),
            stream(events(error_after=2, error={"message": f"bad key {KEY} {TOKEN}{more}"}), sent),
            plain(
                {"error": {"message": f"Invalid API Key: {KEY}{more}"}}, 401, sent, **{"set-cookie": TOKEN}
            ),
            plain(
                f"{KEY} {TOKEN} {CUSTOMER}{more}".encode(), 200, {**sent, "body": f"{KEY} {CUSTOMER}{more}"}
            ),
            stream(events()[:3], sent, end="ReadError", message=f"no {KEY}{more}"),
        ]
        files[f"{name}.yaml"] = yaml.safe_dump(
            {"version": 1, "interactions": [_of_vcrpy(each) for each in recorded[:4]]}
        )
        files[f"{name}_edited.yaml"] = text(*recorded)
    return files


def _of_vcrpy(interaction: dict) -> dict:  # type: ignore[type-arg]
    response = {key: value for key, value in interaction["response"].items() if key != "stream"}
    return {"request": interaction["request"], "response": response}


def _known(file: str) -> set[str]:
    """What can be known to be secret: nothing gives a token away in a file without headers."""
    return {*SECRETS, KEY[9:30]} - ({TOKEN} if "edited" in file else set())


PRINTING = [
    ["show", "{}"],
    ["show", "--text", "{}"],
    ["play", "--pace", "instant", "{}"],
    ["timeline", "{}"],
    ["diff", "{}", "b.yaml"],
    ["diff", "{}", "cassettes/stream.yaml"],
    ["check", "{}"],
    ["list", "{}"],
]


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
@pytest.mark.parametrize("how", ["pipe", "80 columns", "json"])
@pytest.mark.parametrize("file", ["a.yaml", "a_edited.yaml"])
def test_none_is_printed(run: Callable[..., Ran], words: list[str], how: str, file: str) -> None:
    given = [word.format(file) for word in words] + (["--json"] if how == "json" else [])
    ran = run(*given, columns=80 if how == "80 columns" else 0)
    shown = "".join((ran.out + ran.err).split())
    assert ran.code in (0, 1)
    assert not [secret for secret in _known(file) if secret.replace(" ", "") in shown]
    if words[0] not in ("check", "list"):
        assert "REDACTED" in ran.out
        assert ran.err.count("\n") == 1
        assert " as REDACTED. " in ran.err
    elif words[0] == "check":
        assert (ran.code, ran.err) == (1, "")


@pytest.mark.parametrize("file", ["a.yaml", "a_edited.yaml"])
def test_none_is_on_a_page(run: Callable[..., Ran], project: Path, file: str) -> None:
    ran = run("report", file, "b.yaml", "-o", "page.html")
    text = "".join((project / "page.html").read_text("utf-8").split())
    assert not [secret for secret in _known(file) if secret.replace(" ", "") in text]
    assert ran.err == (
        "groqtape: secrets in 2 cassettes stand as REDACTED. See where they are: groqtape check\n"
    )


@pytest.mark.parametrize("form", ["vcr", "sse", "jsonl", "har"])
@pytest.mark.parametrize("to", [[], ["-o", "out"]])
def test_none_is_exported_unless_that_is_wanted(
    run: Callable[..., Ran], project: Path, form: str, to: list[str]
) -> None:
    def exported(*more: str) -> tuple[str, str]:
        ran = run("export", "a.yaml", "-f", form, "-i", "1", *to, *more)
        assert ran.code == 0
        return (project / "out").read_text("utf-8") if to else ran.out, ran.err

    text, notice = exported()
    assert not [secret for secret in (*SECRETS, KEY[9:30], "custo") if secret in text]
    assert "REDACTED" in text
    assert notice.startswith("groqtape: ")
    assert notice.endswith(
        " in a.yaml stand as REDACTED. Take them out of the file: groqtape check --fix a.yaml\n"
    )
    text, notice = exported("--unredacted")
    assert KEY[9:30] in text
    assert (notice, TOKEN in text) == ("", form in ("vcr", "har"))


def test_one_is_counted_as_one(run: Callable[..., Ran], project: Path) -> None:
    write(project / "one.yaml", stream(sent=request(f"{KEY[:-1]}!")))
    path = project / "one.yaml"
    path.write_text(path.read_text("utf-8").replace("Recommend", KEY).replace("Wizard", KEY, 1))
    notice = run("show", "one.yaml").err
    assert notice == (
        "groqtape: 1 secret in one.yaml stands as REDACTED. "
        "Take it out of the file: groqtape check --fix one.yaml\n"
    )


def test_what_was_fixed_has_none_to_speak_of(run: Callable[..., Ran]) -> None:
    assert run("check", "--fix", "a.yaml", "--ignore", "cut").code == 0
    assert run("show", "a.yaml").err == ""


@pytest.mark.parametrize("command", [["list"], ["show", "--text"], ["show", "--text", "--or-raw"], ["check"]])
def test_none_of_a_bad_file_or_of_its_name_is_printed(
    run: Callable[..., Ran], project: Path, command: list[str]
) -> None:
    name = f"{KEY}.yaml"
    (project / name).write_text(f"version: 1\ninteractions: [\n{KEY}: {KEY}: {KEY}\n{CUSTOMER}\n")
    ran = run(*command, name)
    assert KEY not in ran.out + ran.err
    assert CUSTOMER not in ran.out + ran.err
    assert "REDACTED" in ran.out + ran.err


def test_an_option_that_is_no_expression_is_wrong_use(run: Callable[..., Ran], project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\ngroq_secrets = (\n")
    for command in ("list", "show a.yaml", "check"):
        ran = run(*command.split())
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("groqtape: ")
        assert "(" in ran.err
