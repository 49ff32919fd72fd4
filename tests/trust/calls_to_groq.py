"""Ways in which a project calls Groq: which client, through what, to which address, with which cassette.

Imported by the sessions of ways_out.py: `perform` makes one call, and swallows whatever it raises.
"""

# mypy: disable-error-code="misc"
from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import os
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MESSAGES = [{"role": "user", "content": "Hi"}]
BODY: dict[str, Any] = {"model": "m", "messages": MESSAGES}
PATH = "/openai/v1/chat/completions"
KEY = "gsk_of_the_test"
HEADERS = {"authorization": f"Bearer {KEY}"}


def resolve_names() -> None:
    """Let all names lead to the loopback, where the stand-in of Groq is. Calls to an address are sent."""
    genuine = socket.getaddrinfo

    @functools.wraps(genuine)
    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        return genuine("127.0.0.1", *args, **kwargs)

    socket.getaddrinfo = getaddrinfo
    # Reading certificates takes longer than all the rest.
    ssl.SSLContext.load_verify_locations = lambda *_, **__: None  # type: ignore[method-assign]


# Clients. Each makes one call to a base URL, whose path has the name of the way.


def groq_sync(base: str, **client: Any) -> None:
    import groq

    with groq.Groq(base_url=base, api_key=KEY, max_retries=1, **client) as one:
        one.chat.completions.create(**BODY)


async def groq_async(base: str, **client: Any) -> None:
    import groq

    async with groq.AsyncGroq(base_url=base, api_key=KEY, max_retries=1, **client) as one:
        await one.chat.completions.create(**BODY)


def groq_streaming(base: str) -> None:
    import groq

    with groq.Groq(base_url=base, api_key=KEY, max_retries=0) as one:
        list(one.chat.completions.create(**BODY, stream=True))


def groq_with_streaming_response(base: str) -> None:
    import groq

    with (
        groq.Groq(base_url=base, api_key=KEY, max_retries=0) as one,
        one.chat.completions.with_streaming_response.create(**BODY) as response,
    ):
        response.read()


def over(library: str, **options: Callable[[Any, str], Any]) -> Callable[[str], None]:
    """A client of httpx or httpx2; each option is made from the library and the base URL."""

    def call(base: str) -> None:
        httpx = importlib.import_module(library)
        made = {name: make(httpx, base) for name, make in options.items()}
        with httpx.Client(headers=HEADERS, follow_redirects=True, **made) as client:
            client.post(base + PATH, json=BODY).read()

    return call


def async_over(library: str, **options: Callable[[Any, str], Any]) -> Callable[[str], Any]:
    async def call(base: str) -> None:
        httpx = importlib.import_module(library)
        made = {name: make(httpx, base) for name, make in options.items()}
        async with httpx.AsyncClient(headers=HEADERS, follow_redirects=True, **made) as client:
            await (await client.post(base + PATH, json=BODY)).aread()

    return call


def httpx_function(base: str) -> None:
    import httpx

    httpx.post(base + PATH, json=BODY, headers=HEADERS, follow_redirects=True)


def httpx_stream(base: str) -> None:
    import httpx

    with (
        httpx.Client(follow_redirects=True) as client,
        client.stream("POST", base + PATH, json=BODY, headers=HEADERS) as response,
    ):
        for _ in response.iter_raw():
            pass


def redirected_by_hand(base: str) -> None:
    """An application that follows redirects itself."""
    import httpx

    with httpx.Client(headers=HEADERS) as client:
        response = client.post(base + PATH, json=BODY)
        for _ in range(9):
            if response.next_request is None:
                break
            response = client.send(response.next_request)


def wrapping(httpx: Any, base: str) -> Any:
    """A transport of one's own that sends through httpx's."""

    class Wrapping(httpx.BaseTransport):
        def __init__(self) -> None:
            self._inner = httpx.HTTPTransport()

        def handle_request(self, request: Any) -> Any:
            return self._inner.handle_request(request)

        def close(self) -> None:
            self._inner.close()

    return Wrapping()


def subclass(httpx: Any, base: str) -> Any:
    class Subclass(httpx.HTTPTransport):
        def handle_request(self, request: Any) -> Any:
            request.headers["x-own"] = "1"
            return super().handle_request(request)

    return Subclass()


def async_subclass(httpx: Any, base: str) -> Any:
    class Subclass(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: Any) -> Any:
            return await super().handle_async_request(request)

    return Subclass()


def retrying(httpx: Any, base: str) -> Any:
    return httpx.HTTPTransport(retries=2)


def mounted(httpx: Any, base: str) -> Any:
    return {"all://": httpx.HTTPTransport(), "http://": None}


def async_mounted(httpx: Any, base: str) -> Any:
    return {"all://": httpx.AsyncHTTPTransport()}


def through_proxy(httpx: Any, base: str) -> Any:
    return os.environ["STAND_IN"]


def hooks(httpx: Any, base: str) -> Any:
    """A hook that sends each call somewhere else than the code says."""

    def change(request: Any) -> None:
        request.url = httpx.URL(base + PATH)

    return {"request": [change]}


def auth(httpx: Any, base: str) -> Any:
    """An authentication that makes a call of its own first."""

    class Own(httpx.Auth):
        def auth_flow(self, request: Any) -> Any:
            yield httpx.Request("POST", base + PATH, json=BODY)
            yield request

    return Own()


def with_base_url(change: Callable[[], None]) -> Callable[[str], None]:
    """A client that has its address from the environment, which is changed before it calls."""

    def call(base: str) -> None:
        import groq

        before = os.environ.get("GROQ_BASE_URL")
        os.environ["GROQ_BASE_URL"] = _host_of_its_own(base)
        try:
            with groq.Groq(api_key=KEY, max_retries=0) as one:
                change()
                one.chat.completions.create(**BODY)
        finally:
            _restore(before)

    return call


async def async_with_base_url(base: str) -> None:
    import groq

    before = os.environ.get("GROQ_BASE_URL")
    os.environ["GROQ_BASE_URL"] = _host_of_its_own(base)
    try:
        async with groq.AsyncGroq(api_key=KEY, max_retries=0) as one:
            _restore(before)
            await one.chat.completions.create(**BODY)
    finally:
        _restore(before)


def _host_of_its_own(base: str) -> str:
    """The same server under a name that no option has."""
    return f"http://{base.rpartition('/')[2]}.invalid:{urlsplit(base).port}/{base.rpartition('/')[2]}"


def _restore(base_url: str | None) -> None:
    if base_url is None:
        os.environ.pop("GROQ_BASE_URL", None)
    else:
        os.environ["GROQ_BASE_URL"] = base_url


def _many_others() -> None:
    """Others are made since, as where each test has a server of its own."""
    import groq

    for number in range(40):
        os.environ["GROQ_BASE_URL"] = f"http://other-{number}.invalid"
        groq.Groq(api_key=KEY).close()


def anew(*modules: str) -> Callable[[str], None]:
    """The SDK, after some modules were dropped from `sys.modules`."""

    def call(base: str) -> None:
        kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in modules}
        for name in kept:
            del sys.modules[name]
        try:
            groq_sync(base)
        finally:
            sys.modules.update(kept)

    return call


def async_anew(*modules: str) -> Callable[[str], None]:
    def call(base: str) -> None:
        kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in modules}
        for name in kept:
            del sys.modules[name]
        try:
            asyncio.run(groq_async(base))
        finally:
            sys.modules.update(kept)

    return call


CLIENTS: dict[str, Callable[[str], Any]] = {
    "groq": groq_sync,
    "groq async": groq_async,
    "groq streaming": groq_streaming,
    "groq with_streaming_response": groq_with_streaming_response,
    "httpx": over("httpx"),
    "httpx async": async_over("httpx"),
    "httpx2": over("httpx2"),
    "httpx2 async": async_over("httpx2"),
    "httpx.post": httpx_function,
    "httpx.stream": httpx_stream,
    "redirects by hand": redirected_by_hand,
    "a transport that wraps": over("httpx", transport=wrapping),
    "a transport that subclasses": over("httpx", transport=subclass),
    "an async transport that subclasses": async_over("httpx", transport=async_subclass),
    "a transport that retries": over("httpx", transport=retrying),
    "mounts": over("httpx", mounts=mounted),
    "async mounts": async_over("httpx", mounts=async_mounted),
    "a proxy": over("httpx", proxy=through_proxy),
    "an async proxy": async_over("httpx", proxy=through_proxy),
    "event hooks": over("httpx", event_hooks=hooks),
    "an auth flow": over("httpx", auth=auth),
    "groq, whose base URL is gone": with_base_url(lambda: _restore(None)),
    "groq, whose base URL is another": with_base_url(lambda: _restore("http://another.invalid")),
    "groq, with many base URLs since": with_base_url(_many_others),
    "groq async, whose base URL is gone": async_with_base_url,
    "groq anew": anew("groq"),
    "httpx anew": anew("httpx", "groq"),
    "httpx and httpcore anew": anew("httpx", "httpcore", "groq"),
    "httpx anew, async": async_anew("httpx", "groq"),
}

# What stands around the call, as other tools do.


@contextlib.contextmanager
def replaced(owner: str, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """A method is replaced, as monkeypatch or mock.patch do it."""
    module, _, attribute = owner.partition(":")
    place = getattr(importlib.import_module(module), attribute)
    genuine = vars(place)[name]
    setattr(place, name, make(genuine))
    try:
        yield
    finally:
        setattr(place, name, genuine)


POOL = ("httpcore:ConnectionPool", "handle_request")
ASYNC_POOL = ("httpcore:AsyncConnectionPool", "handle_async_request")
TRANSPORT = ("httpx:HTTPTransport", "handle_request")
ASYNC_TRANSPORT = ("httpx:AsyncHTTPTransport", "handle_async_request")


def logged(genuine: Any) -> Any:
    return lambda self, request: genuine(self, request)


def logged_async(genuine: Any) -> Any:
    async def wrapper(self: Any, request: Any) -> Any:
        return await genuine(self, request)

    return wrapper


def by_wrapt(genuine: Any) -> Any:
    import wrapt

    return wrapt.FunctionWrapper(genuine, lambda wrapped, _, args, kwargs: wrapped(*args, **kwargs))


def copied(genuine: Any) -> Any:
    """A tracer that adds a header to a copy of the request."""

    def wrapper(self: Any, request: Any) -> Any:
        import httpcore

        copy = httpcore.Request(
            request.method,
            request.url,
            headers=[*request.headers, (b"x-traced", b"1")],
            content=request.stream,
            extensions=request.extensions,
        )
        return genuine(self, copy)

    return wrapper


@contextlib.contextmanager
def respx_pass_through() -> Iterator[None]:
    respx: Any = importlib.import_module("respx")
    with respx.mock(assert_all_called=False) as router:
        router.route().pass_through()
        yield


@contextlib.contextmanager
def respx_pass_through_at_httpx() -> Iterator[None]:
    respx: Any = importlib.import_module("respx")
    with respx.mock(assert_all_called=False, using="httpx") as router:
        router.route().pass_through()
        yield


def both(first: Any, second: Any) -> Callable[[], Any]:
    @contextlib.contextmanager
    def patch() -> Iterator[None]:
        with replaced(*first), replaced(*second):
            yield

    return patch


PATCHES: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "nothing": contextlib.nullcontext,
    "a pool is wrapped": lambda: replaced(*POOL, logged),
    "the async pool is wrapped": lambda: replaced(*ASYNC_POOL, logged_async),
    "both pools are wrapped": both((*POOL, logged), (*ASYNC_POOL, logged_async)),
    "a pool is wrapped by wrapt": lambda: replaced(*POOL, by_wrapt),
    "the async pool is wrapped by wrapt": lambda: replaced(*ASYNC_POOL, by_wrapt),
    "a pool gets a copy": lambda: replaced(*POOL, copied),
    "both transports are wrapped": both((*TRANSPORT, logged), (*ASYNC_TRANSPORT, logged_async)),
    "both transports are wrapped by wrapt": both((*TRANSPORT, by_wrapt), (*ASYNC_TRANSPORT, by_wrapt)),
    "respx passes through": respx_pass_through,
    "respx passes through at httpx": respx_pass_through_at_httpx,
}


def perform(way: dict[str, str]) -> None:
    """Make the call of a way, and swallow whatever it raises."""
    call = CLIENTS[way["client"]]
    base = f"{way['server']}/{way['name']}"
    try:
        with PATCHES[way["patch"]]():
            result = call(base)
            if asyncio.iscoroutine(result):
                asyncio.run(result)
    except BaseException as error:
        if os.environ.get("WAYS_SHOW"):
            print(way["name"], type(error).__name__, str(error)[:300], file=sys.__stderr__)
