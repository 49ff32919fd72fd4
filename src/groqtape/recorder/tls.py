"""One default TLS context for all clients, made when something first connects.

Without it, every `groq.Groq()` reads the certificates of all authorities anew, which takes longer than
replaying a stream; and a client that only replays never connects. Contexts may be shared, so all clients
with default settings get the same one. A client that is given a context, a certificate or `verify` keeps it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["sharing"]

# Variables that httpx's default context depends on, beside its arguments.
_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")

# The contexts made so far, by what they depend on. They live as long as the process, so that one cassette
# after another shares them.
_CONTEXTS: dict[Any, ssl.SSLContext] = {}
_LOCK = threading.RLock()


class _LazyContext(ssl.SSLContext):
    """Stands for a default context, which is made when something connects."""

    def __new__(cls, make: Callable[[], ssl.SSLContext]) -> Self:  # noqa: ARG004  # for __init__
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, make: Callable[[], ssl.SSLContext]) -> None:
        self._make = make
        self._made: ssl.SSLContext | None = None

    def _context(self) -> ssl.SSLContext:
        with _LOCK:
            if self._made is None:
                self._made = self._make()
            return self._made

    # What httpcore calls to connect.

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        self._context().set_alpn_protocols(alpn_protocols)

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        return self._context().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        return self._context().wrap_bio(*args, **kwargs)


def sharing(
    make: Callable[..., None], genuine: Any, create_context: Callable[..., ssl.SSLContext]
) -> Callable[..., None]:
    """A transport's `__init__` that passes a shared context where the genuine one would make its own.

    Args:
        make: Initialises the transport from keyword arguments.
        genuine: The transport's own `__init__`, whose arguments these are.
        create_context: The library's `create_ssl_context`.
    """
    whole = inspect.signature(genuine)
    signature = whole.replace(parameters=list(whole.parameters.values())[1:])  # without `self`
    defaults = {name: each.default for name, each in signature.parameters.items()}

    @functools.wraps(genuine)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        if args or not kwargs.keys() <= defaults.keys():
            kwargs = signature.bind(*args, **kwargs).arguments
        arguments = {**defaults, **kwargs}
        if arguments["verify"] is True and arguments["cert"] is None:
            arguments["verify"] = _shared(create_context, arguments["trust_env"], arguments["http2"])
        make(self, **arguments)

    return __init__


def _shared(
    create_context: Callable[..., ssl.SSLContext],
    trust_env: bool,  # noqa: FBT001  # as httpx has it
    http2: bool,  # noqa: FBT001
) -> ssl.SSLContext:
    variables = {name: os.environ.get(name) for name in _VARIABLES}
    file = variables["SSL_CERT_FILE"]
    key = (create_context, trust_env, http2, *variables.values(), file and _version(file))

    def make() -> ssl.SSLContext:
        with _environment(variables):
            return create_context(trust_env=trust_env)

    with _LOCK:
        if key not in _CONTEXTS:
            # An error in a variable has to show when the client is made; a (rare) log of keys, too.
            can_wait = not variables["SSLKEYLOGFILE"] and (not file or _has_certificates(file))
            _CONTEXTS[key] = _LazyContext(make) if can_wait else make()
        return _CONTEXTS[key]


@contextlib.contextmanager
def _environment(variables: dict[str, str | None]) -> Iterator[None]:
    """Set these variables in this block: they may have changed between making the client and connecting."""
    now = {name: os.environ.get(name) for name in variables}
    if now == variables:
        yield
        return
    _set(variables)
    try:
        yield
    finally:
        _set(now)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _version(path: str) -> tuple[int, int, int] | None:
    """What tells this file from an earlier one at the same path; None if there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _has_certificates(path: str) -> bool:
    """Whether a file looks like one of certificates. They are not checked."""
    try:
        with Path(path).open("rb") as file:
            return any(line.startswith(b"-----BEGIN ") for line in file)
    except OSError:
        return False
