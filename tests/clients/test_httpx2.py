"""httpx2, where it stands in for httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback_groq import stream

if TYPE_CHECKING:
    from clients.conftest import Suite

BOOK = "The Name of the Wind by Patrick Rothfuss"


def test_groq_where_httpx2_goes_by_the_name_of_httpx(suite: Suite) -> None:
    (suite.path / "conftest.py").write_text("import httpx2\n\nhttpx2.alias_httpx()\n")
    suite.tests(
        """
        import groq, httpx

        def test_it(groq_cassette):
            assert httpx.Client.__module__ == "httpx2"
            with groq.Groq() as client:
                stream = client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == BOOK

        async def test_it_async(groq_cassette):
            async with groq.AsyncGroq() as client:
                stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
        """
    )
    suite.record_and_replay(stream(BOOK), stream(BOOK), passed=2, fresh=True)
