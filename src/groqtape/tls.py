"""One TLS context for all clients that ask for the default one.

To make it, every `groq.Groq()` reads the certificates of all authorities anew, which takes longer than
replaying a stream. A context is made to be shared, so the first one is handed to the next client; who
brings a context, a certificate or `verify` of his own has his own.
"""

from __future__ import annotations

import functools
import inspect
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

__all__ = ["sharing"]

# What httpx's default context depends on, beside its arguments.
_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def sharing(genuine: Any, create_context: Callable[..., ssl.SSLContext]) -> Any:
    """A transport's `__init__` that passes a shared context where the genuine one would make its default.

    Args:
        genuine: The transport's own `__init__`.
        create_context: The library's `create_ssl_context`.
    """
    signature = inspect.signature(genuine)
    contexts: dict[Any, ssl.SSLContext] = {}
    lock = threading.Lock()

    def shared(*, trust_env: bool, http2: bool) -> ssl.SSLContext:
        key = (trust_env, http2, *map(os.environ.get, _VARIABLES))
        with lock:
            if key not in contexts:
                contexts[key] = create_context(trust_env=trust_env)
            return contexts[key]

    @functools.wraps(genuine)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        given = signature.bind_partial(self, *args, **kwargs)
        given.apply_defaults()
        asked = given.arguments
        if asked["verify"] is True and asked["cert"] is None:
            asked["verify"] = shared(trust_env=asked["trust_env"], http2=asked["http2"])
        genuine(*given.args, **given.kwargs)

    return __init__
