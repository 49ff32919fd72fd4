"""groqtape beside what instruments httpx, whichever of the two came first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import groq  # noqa: F401
import pytest
from clients.test_beside_plugins import ASK, BOOK, COMMON
from loopback_groq import stream

if TYPE_CHECKING:
    from clients.conftest import Suite

OTEL = "from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor\n"

# A module that instruments, and what of it a test uses.
INSTRUMENTATION = {
    "opentelemetry": f"{OTEL}HTTPXClientInstrumentor().instrument()",
    "opentelemetry, around each test": f"""
import pytest
{OTEL}
@pytest.fixture(autouse=True)
def instrumented():
    HTTPXClientInstrumentor().instrument()
    yield
    HTTPXClientInstrumentor().uninstrument()
""",
    "opentelemetry, each client": f"""
import groq
{OTEL}
genuine = groq.Groq.__init__

def __init__(self, *args, **kwargs):
    genuine(self, *args, **kwargs)
    HTTPXClientInstrumentor.instrument_client(self._client)

groq.Groq.__init__ = __init__
""",
    "sentry": """
import sentry_sdk
sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", traces_sample_rate=1.0, transport=lambda event: None)
""",
    "elastic": """
import pytest, elasticapm
elasticapm.instrument()
client = elasticapm.Client(service_name="x", server_url="http://127.0.0.1:9", disable_send=True)

@pytest.fixture(autouse=True)
def transaction():
    client.begin_transaction("x")
    yield
    client.end_transaction("x")
""",
}
GUARDED = f"""{ASK}
def test_without_a_cassette():
    ask()

def test_async_without_a_cassette():
    asyncio.run(ask_async())
"""


@pytest.mark.parametrize("early", [False, True], ids=["after groqtape", "before groqtape"])
@pytest.mark.parametrize("name", INSTRUMENTATION)
def test_calls_are_recorded_replayed_and_refused(suite: Suite, name: str, *, early: bool) -> None:
    (suite.path / ("early.py" if early else "conftest.py")).write_text(INSTRUMENTATION[name])
    args = ("-p", "early") if early else ()
    suite.beside()
    suite.ini("pythonpath = .")
    suite.tests(ASK + COMMON)
    ignore = ("-W", "ignore::DeprecationWarning")
    recorded = suite.record(
        *[stream(BOOK)] * 3, args=(*args, *ignore, "--snapshot-update"), fresh=True, leaves_open=True
    )
    recorded.assert_outcomes(passed=4)
    assert len(suite.requests) == 3
    suite.replay(*args, *ignore, fresh=True, leaves_open=True).assert_outcomes(passed=4)
    suite.tests(GUARDED)
    refused = suite.replay(*args, *ignore, fresh=True, leaves_open=True)
    refused.assert_outcomes(failed=2)
    assert refused.stdout.str().count("This test called Groq without a cassette") >= 2
