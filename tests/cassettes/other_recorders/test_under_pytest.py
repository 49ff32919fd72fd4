"""A project that moves to groqtape takes its cassettes along: it puts them where its tests look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cassettes.other_recorders.recorders import FILES, written
from cassettes.yaml_halves import HALVES

if TYPE_CHECKING:
    from cassettes.other_recorders.answers import Recording

IMPORTS = "import groq\nimport pytest\n"

TEST = """
@pytest.mark.groq_cassette({marker})
def test_{number}(groq_client, groq_cassette):
    def ask(prompt, **more):
        messages = [{{"role": "user", "content": prompt}}]
        return groq_client.chat.completions.create(model="openai/gpt-oss-20b", messages=messages, **more)

    content = "".join(chunk.choices[0].delta.content or "" for chunk in ask("Say it", seed=7, stream=True))
    assert content == ask("Plainly", temperature=0.5).choices[0].message.content == {saying!r}
    with pytest.raises(groq.BadRequestError, match="It won’t"):
        ask("Fail")
    assert [stream.content for stream in groq_cassette.streams] == [content]
"""


@pytest.mark.parametrize("yaml_half", HALVES[-1:], indirect=True)  # it makes no difference here
def test_its_tests_replay(
    recording: Recording, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROQ_API_KEY")
    monkeypatch.delenv("GROQ_BASE_URL")
    pytester.makeini("[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:asyncio -p no:xdist")
    folder = pytester.path / "cassettes" / "tests" / "test_app"
    folder.mkdir(parents=True)
    source, data = IMPORTS, {}
    for number, recorder in enumerate(FILES):
        # Each second one is a cassette with a name of its own.
        named = number % 2
        path = folder.parents[1] / "old" / f"{number}.yaml" if named else folder / f"test_{number}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(recorder, recording.interactions), "utf-8")
        data[path] = path.read_bytes()
        marker = repr(f"old/{number}") if named else ""
        source += TEST.format(number=number, marker=marker, saying=recording.answers.stream.text)
    (pytester.mkdir("tests") / "test_app.py").write_text(source, "utf-8")
    for arguments in (["--groq-record=new_episodes"], []):
        pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=len(FILES))
        assert {path: path.read_bytes() for path in folder.parents[1].rglob("*.yaml")} == data
