"""The real SDK, called in each way there is: blocking, and under asyncio and trio.

A scenario is written once, as a coroutine function that takes a client. `settled`, `each` and `entered`
take what the blocking client returns as well as what the async one does.
"""

from __future__ import annotations

import contextlib
import inspect
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

import anyio
import groq

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from loopback_groq import LoopbackGroq

T = TypeVar("T")

MODEL = "openai/gpt-oss-20b"
WAYS = ("sync", "asyncio", "trio")

# Reading the system's certificates takes longer than a whole test; plain HTTP needs none.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def question(prompt: str = "Hi", **more: Any) -> dict[str, Any]:
    """The arguments of `chat.completions.create`."""
    return {"model": MODEL, "messages": [{"role": "user", "content": prompt}], **more}


async def settled(value: Any) -> Any:
    """The value, awaited if it is awaitable."""
    return await value if inspect.isawaitable(value) else value


class each:  # noqa: N801 - reads as a word in `async for chunk in each(stream)`
    """Any iterable or async iterable, for `async for`."""

    def __init__(self, items: Any) -> None:
        if not hasattr(items, "__anext__"):
            items = aiter(items) if hasattr(items, "__aiter__") else iter(items)
        self._items = items

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        if hasattr(self._items, "__anext__"):
            return await anext(self._items)
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None


@contextlib.asynccontextmanager
async def entered(manager: Any) -> Any:
    """Any context manager or async one, for `async with`."""
    if hasattr(manager, "__aenter__"):
        async with manager as value:
            yield value
    else:
        with manager as value:
            yield value


@dataclass
class Received:
    """What a consumer of a stream received: the dumps of its chunks, and what was raised, if anything was."""

    chunks: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def text(self) -> str:
        """The content of choice 0."""
        first = [choice for chunk in self.chunks for choice in chunk["choices"] if choice["index"] == 0]
        return "".join(choice["delta"].get("content") or "" for choice in first)

    @property
    def raised(self) -> tuple[type[BaseException], str, Any] | None:
        """The error as its class, its text and its body."""
        if self.error is None:
            return None
        return type(self.error), str(self.error), getattr(self.error, "body", None)


class Sdk:
    """The SDK, called in one way.

    Args:
        way: `sync`, `asyncio` or `trio`.
        base_url: Where Groq is.
        api_key: The key it takes.
    """

    def __init__(self, way: str, base_url: str, api_key: str) -> None:
        self.way = way
        self.options: dict[str, Any] = {"base_url": base_url, "api_key": api_key, "timeout": 10}

    def run(self, scenario: Callable[[Any], Coroutine[Any, Any, T]], **options: Any) -> T:
        """Run a scenario with a client of its own, made with these options."""
        options = {**self.options, **options}
        if self.way == "sync":
            options.setdefault("http_client", groq.DefaultHttpxClient(verify=_NO_CERTIFICATES))
            with groq.Groq(**options) as client:
                return driven(scenario(client))

        async def whole() -> T:
            options.setdefault("http_client", groq.DefaultAsyncHttpxClient(verify=_NO_CERTIFICATES))
            async with groq.AsyncGroq(**options) as client:
                return await scenario(client)

        return anyio.run(whole, backend=self.way)

    def stream(
        self,
        prompt: str = "Hi",
        *,
        leave_after: int | None = None,
        options: dict[str, Any] | None = None,
        **more: Any,
    ) -> Received:
        """Read a stream, to its end or until so many chunks have come."""
        received = Received()

        async def scenario(client: Any) -> None:
            stream = await settled(client.chat.completions.create(**question(prompt, stream=True, **more)))
            async with entered(stream):
                while leave_after is None or len(received.chunks) < leave_after:
                    try:
                        chunk = await settled(anext(stream) if hasattr(stream, "__anext__") else next(stream))
                    except (StopIteration, StopAsyncIteration):
                        return
                    received.chunks.append(chunk.model_dump())

        try:
            self.run(scenario, **(options or {}))
        except BaseException as error:
            received.error = error
        return received

    def create(self, prompt: str = "Hi", *, options: dict[str, Any] | None = None, **more: Any) -> Any:
        """Make a plain call for a completion, and dump it."""

        async def scenario(client: Any) -> Any:
            return (await settled(client.chat.completions.create(**question(prompt, **more)))).model_dump()

        return self.run(scenario, **(options or {}))


def driven(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("a blocking scenario has awaited something")


@contextlib.contextmanager
def untouched(server: LoopbackGroq) -> Iterator[None]:
    """See that no request reaches the server in this block."""
    before = len(server.requests)
    yield
    assert len(server.requests) == before
