"""The first test of the README: what the demonstration records and replays."""

# ruff: noqa: ANN001, ANN201, D103
import pytest


@pytest.mark.groq_cassette
def test_recommends_a_book(groq_stream, groq_snapshot):
    stream = groq_stream(
        model="openai/gpt-oss-20b",
        messages=[{"role": "user", "content": "Recommend a fantasy book"}],
    )
    for chunk, _ in stream:
        print(chunk.content, end="", flush=True)
    assert stream == groq_snapshot
