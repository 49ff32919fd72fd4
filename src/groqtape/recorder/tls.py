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
from typing import TYPE_CHECKING, Any, Self

from groqtape.recorder.certificate_files import certificate_file

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
            shared = _shared(create_context, arguments["trust_env"], arguments["http2"])
            arguments["verify"] = True if shared is None else shared
        make(self, **arguments)

    return __init__


def _shared(
    create_context: Callable[..., ssl.SSLContext],
    trust_env: bool,  # noqa: FBT001  # as httpx has it
    http2: bool,  # noqa: FBT001
) -> ssl.SSLContext | None:
    """The shared context; None where it depends on a file that can't be looked at now."""
    variables = {name: os.environ.get(name) for name in _VARIABLES}
    path = variables["SSL_CERT_FILE"]
    file = certificate_file(path) if path else None
    if path and file is None:
        return None
    key = (create_context, trust_env, http2, *variables.values(), file and file.version)

    def make() -> ssl.SSLContext:
        with _environment(variables):
            return create_context(trust_env=trust_env)

    with _LOCK:
        if key not in _CONTEXTS:
            # An error in a variable has to show when the client is made; a (rare) log of keys, too.
            can_wait = not variables["SSLKEYLOGFILE"] and (file is None or file.looks_right)
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
