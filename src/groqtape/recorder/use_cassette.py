"""The recorder outside pytest: a cassette as a context manager, and as a decorator."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
from typing import TYPE_CHECKING, Any, TypeVar, cast

from groqtape.errors import CassetteError, GroqtapeError
from groqtape.recorder.cassette import Cassette
from groqtape.recorder.key import KeylessClients, PlaceholderKey
from groqtape.recorder.settings import CassetteSettings, Owner, arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from groqtape.recorder.pace import Pace
    from groqtape.recorder.record_modes import RecordMode

__all__ = ["UseCassette", "use_cassette"]

Function = TypeVar("Function", bound="Callable[..., Any]")


def use_cassette(
    path: str | os.PathLike[str],
    record_mode: RecordMode = "none",
    *,
    pace: Pace = "instant",
    match_on: Iterable[Any] | None = None,
    allow_unplayed: bool = False,
    allow_repeats: bool = False,
    hosts: Iterable[str] = (),
    keep_headers: Iterable[str] = (),
    secrets: Iterable[str] = (),
    allow_secrets: Iterable[str] = (),
    volatile: Iterable[str] | str = (),
    ignore: Iterable[str] | str = (),
) -> UseCassette:
    """Answer calls to Groq from a cassette, and record what the record mode allows.

    It is a context manager for synchronous and asynchronous code alike, and a decorator for functions and
    coroutine functions, each call of which uses the cassette anew. If the block raises, its recordings are
    dropped and the file stays as it was.

    Args:
        path: The file.
        record_mode: `none` (only replay), `once` (record if there is no file yet), `new_episodes`
            (record what the file lacks) or `all` (record everything, from scratch).
        pace: `instant`, `recorded`, or a factor on the recorded waiting times (0.5: half as long).
        match_on: Names of vcrpy matchers, or matchers; by default method, path, query and body.
        allow_unplayed: Whether interactions may stay unplayed.
        allow_repeats: Whether an interaction may be played more than once.
        hosts: Hosts that count as Groq's, beside its own and that of `GROQ_BASE_URL`.
        keep_headers: Names of headers to keep, beside the few that replaying needs.
        secrets: Regular expressions for text that must never be written, beside keys, tokens and cookies.
        allow_secrets: Regular expressions for text that looks like a secret, and as a whole is harmless.
        volatile: Text that does not count when requests are compared: see `groqtape.recorder.volatile`.
        ignore: Fields that do not count then: see `groqtape.recorder.ignored_fields`.

    Returns:
        The context manager; it gives the cassette in use.

    Raises:
        CassetteError: The file is no valid cassette, or can't be written.
        RefusedError: A call is not recorded, and the record mode adds none. It is no `Exception`.
        UnplayedError: Interactions stayed unplayed.
        GroqtapeError: An argument is invalid, or a generator function or a class is decorated.
    """
    settings = CassetteSettings(
        record_mode, pace, match_on, allow_unplayed, allow_repeats,
        hosts, keep_headers, secrets, allow_secrets, volatile, ignore,
    )  # fmt: skip
    return UseCassette(path, settings)


class UseCassette:
    """What `use_cassette` gives.

    Args:
        path: The file.
        settings: How the cassette is used.
    """

    def __init__(self, path: str | os.PathLike[str], settings: CassetteSettings) -> None:
        self._path = path
        self._settings = settings
        self._entered: list[contextlib.AbstractContextManager[Cassette]] = []

    def __enter__(self) -> Cassette:
        block = self._block()
        cassette = block.__enter__()
        self._entered.append(block)
        return cassette

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return self._entered.pop().__exit__(kind, error, traceback)

    @contextlib.contextmanager
    def _block(self) -> Iterator[Cassette]:
        owner = _owner(self._path)
        try:
            cassette = Cassette(self._path, self._settings, owner)
        except CassetteError as error:
            error.record_anew_with(owner.command("all"))
            raise
        keep = False
        # A client can be made without a key, as under pytest; a call that carries the placeholder is never
        # sent. While something may be recorded, the environment stays as it is: a key may come from a `.env`.
        clients = KeylessClients()
        placeholder = PlaceholderKey() if cassette.record_mode == "none" else None
        cassette.open()
        try:
            yield cassette
            cassette.check()
            keep = True
        finally:
            clients.remove()
            if placeholder is not None:
                placeholder.remove()
            cassette.close(keep=keep)

    def __call__(self, function: Function) -> Function:
        """Decorate a function or a coroutine function."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise _not_decorated(function, "a generator function, which runs when its caller iterates")
        if isinstance(function, type):
            raise _not_decorated(function, "a class")
        if inspect.iscoroutinefunction(function):

            async def coroutine(*args: Any, **kwargs: Any) -> Any:
                with self._block():
                    return await function(*args, **kwargs)

            wrapper: Any = coroutine
        else:

            def plain(*args: Any, **kwargs: Any) -> Any:
                with self._block():
                    result = function(*args, **kwargs)
                    if inspect.iscoroutine(result):
                        result.close()
                        raise _not_decorated(function, "a function that returns a coroutine")
                    return result

            wrapper = plain
        decorated: Any = functools.wraps(function)(wrapper)
        return cast("Function", decorated)


def _not_decorated(function: Any, kind: str) -> GroqtapeError:
    name = getattr(function, "__qualname__", repr(function))
    return GroqtapeError(
        f"expected a function or a coroutine function under @groqtape.use_cassette(…), got {name}, {kind}\n"
        "Write `with groqtape.use_cassette(…):` around the calls to Groq inside it."
    )


def _owner(path: str | os.PathLike[str]) -> Owner:
    return Owner(
        command=lambda mode: f'groqtape.use_cassette({str(path)!r}, record_mode="{mode}")',
        here=_current_folder(),
        setting=lambda *more: [f"  groqtape.use_cassette({str(path)!r}, {arguments(*more)})"],
    )


def _current_folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  # a text will do
    except OSError:  # it was removed
        return None
