"""A transport waits to be made until something of it is needed."""

from __future__ import annotations

import inspect
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest

from groqtape.recorder.lazy_transports import lazy_init

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
PLAIN: dict[str, Any] = {"verify": CONTEXT, "cert": None, "proxy": None, "limits": httpx.Limits()}


def transports(closing: str = "close") -> Any:
    """A class of transports that wait, which notes with what each was made."""

    class Transport:
        made: list[dict[str, Any]]

        def __init__(self, **arguments: Any) -> None:
            self.made.append(arguments)
            self.pool = arguments

        def send(self) -> Any:
            return self.pool

        def close(self) -> str:
            return f"closed {len(self.pool)}"

        async def aclose(self) -> str:
            return f"closed {len(self.pool)}"

    Transport.made = []
    Transport.__init__ = lazy_init(Transport, Transport.__init__, closing)  # type: ignore[method-assign]
    return Transport


class TestOneThatWaits:
    def test_is_made_with_its_arguments_when_something_is_sent(self) -> None:
        owner = transports()
        transport = owner(**PLAIN, retries=3)
        assert owner.made == []
        assert transport.send() == {**PLAIN, "retries": 3}
        assert owner.made == [transport.send()]
        assert type(transport) is owner
        assert vars(transport) == {"pool": owner.made[0]}

    def test_passes_for_one_of_its_class(self) -> None:
        owner = transports()
        transport = owner(**PLAIN)
        assert isinstance(transport, owner)
        shown = [(kind.__name__, kind.__qualname__, kind.__module__) for kind in (type(transport), owner)]
        assert shown[0] == shown[1]
        assert repr(transport).partition(" at ")[0] == repr(owner(verify=False)).partition(" at ")[0]

    def test_is_made_when_something_looks_for_what_it_has(self) -> None:
        owner = transports()
        assert owner(**PLAIN).pool == PLAIN
        assert not hasattr(owner(**PLAIN), "nothing")
        assert len(owner.made) == 2

    def test_is_made_when_something_is_set(self) -> None:
        owner = transports()
        transport = owner(**PLAIN)
        transport.pool = "another"
        assert (owner.made, transport.send(), type(transport)) == ([PLAIN], "another", owner)

    def test_is_not_made_to_be_closed(self) -> None:
        owner = transports()
        transport = owner(**PLAIN)
        assert transport.close() is None
        assert owner.made == []
        transport.send()
        assert transport.close() == "closed 4"

    def test_is_not_made_to_be_closed_asynchronously(self) -> None:
        owner = transports("aclose")
        transport = owner(**PLAIN)
        assert anyio.run(transport.aclose) is None
        assert owner.made == []
        transport.send()
        assert anyio.run(transport.aclose) == "closed 4"

    def test_is_made_once_for_several_threads(self) -> None:
        owner = transports()
        transport = owner(**PLAIN)
        together = threading.Barrier(8, timeout=5)

        def send(_: int) -> Any:
            together.wait()
            return transport.send()

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(send, range(8))) == [PLAIN] * 8
        assert owner.made == [PLAIN]

    def test_that_could_not_be_made_is_tried_again(self) -> None:
        owner = transports()
        times = []

        def genuine(self: Any, **arguments: Any) -> None:
            times.append(arguments)
            if len(times) == 1:
                raise MemoryError
            self.pool = arguments

        owner.__init__ = lazy_init(owner, genuine, "close")
        transport = owner(**PLAIN)
        with pytest.raises(MemoryError):
            transport.send()
        assert transport.send() == PLAIN
        assert len(times) == 2

    def test_has_nothing_more_while_it_is_made(self) -> None:
        owner = transports()

        def genuine(self: Any, **_: Any) -> None:
            self.pool = getattr(self, "before", "nothing before")

        owner.__init__ = lazy_init(owner, genuine, "close")
        assert owner(**PLAIN).send() == "nothing before"


class TestMadeAtOnce:
    @pytest.mark.parametrize(
        "options",
        [
            {"verify": False},
            {"verify": "a/path"},
            {"cert": "a/path"},
            {"proxy": "http://p"},
            {"limits": None},
        ],
        ids=str,
    )
    def test_where_making_it_could_fail_or_be_seen(self, options: dict[str, Any]) -> None:
        owner = transports()
        owner(**{**PLAIN, **options})
        assert owner.made == [{**PLAIN, **options}]

    def test_where_its_class_is_of_another_library(self) -> None:
        owner = transports()
        own: Any = type("Own", (owner,), {})
        assert type(own(**PLAIN)) is own
        assert owner.made == [PLAIN]


@pytest.mark.parametrize(
    ("owner", "closing"), [(httpx.HTTPTransport, "close"), (httpx.AsyncHTTPTransport, "aclose")]
)
def test_httpx_has_what_is_looked_at(owner: type[Any], closing: str) -> None:
    assert {"verify", "cert", "proxy", "limits"} <= inspect.signature(owner).parameters.keys()
    assert callable(getattr(owner, closing))
