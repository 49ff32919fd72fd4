"""Clients of the SDK that are made in no time: plain HTTP needs no certificates."""

from __future__ import annotations

import ssl
from typing import Any

import groq

_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client(**options: Any) -> groq.Groq:
    """A blocking client."""
    return groq.Groq(http_client=groq.DefaultHttpxClient(verify=_NO_CERTIFICATES), **options)


def async_client(**options: Any) -> groq.AsyncGroq:
    """An async client."""
    return groq.AsyncGroq(http_client=groq.DefaultAsyncHttpxClient(verify=_NO_CERTIFICATES), **options)
