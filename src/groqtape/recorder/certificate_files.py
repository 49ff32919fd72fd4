"""The file of certificates that `SSL_CERT_FILE` names, without reading it in an event loop."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

__all__ = ["CertificateFile", "certificate_file", "look_at_certificates"]


class CertificateFile(NamedTuple):
    """What is known of a file.

    Attributes:
        version: What tells it from an earlier file at the same path; None if there is none.
        looks_right: Whether it looks like a file of certificates. They are not checked.
    """

    version: tuple[int, int, int] | None
    looks_right: bool


_known: dict[str, CertificateFile] = {}


def look_at_certificates() -> None:
    """Look at the file now, so that a client can be made in an event loop later."""
    path = os.environ.get("SSL_CERT_FILE")
    if path:
        certificate_file(path)


def certificate_file(path: str) -> CertificateFile | None:
    """The file at a path. In an event loop, where reading would block: as it was last seen, or None."""
    known = _known.get(path)
    if not _in_event_loop():
        version = _version(path)
        if known is None or known.version != version:
            _known[path] = known = CertificateFile(version, _has_certificates(path))
    return known


def _in_event_loop() -> bool:
    asyncio, trio = sys.modules.get("asyncio"), sys.modules.get("trio")
    if asyncio is not None and asyncio._get_running_loop() is not None:  # noqa: SLF001  # documented
        return True
    if trio is not None:
        with contextlib.suppress(RuntimeError):  # `in_trio_run` is new in trio 0.29
            trio.lowlevel.current_trio_token()
            return True
    return False


def _version(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _has_certificates(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return any(line.startswith(b"-----BEGIN ") for line in file)
    except OSError:
        return False
