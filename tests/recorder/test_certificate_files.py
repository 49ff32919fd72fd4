"""The file of certificates is looked at outside event loops alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from groqtape.recorder import certificate_files
from groqtape.recorder.certificate_files import certificate_file, look_at_certificates

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(certificate_files, "_known", {})  # another test's file may have had this path
    path = tmp_path / "certificates.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\n")
    return path


@pytest.mark.parametrize("missing", [(), ("trio",), ("asyncio", "trio")])
def test_outside_a_loop_it_is_looked_at(
    path: Path, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    for name in missing:
        monkeypatch.delitem(sys.modules, name, raising=False)
    before = certificate_file(str(path))
    assert before is not None
    assert before.looks_right
    path.write_text("something else")
    after = certificate_file(str(path))
    assert after is not None
    assert not after.looks_right
    assert after.version != before.version


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_in_a_loop_it_is_as_it_was_seen_last(
    path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    async def look() -> object:
        return certificate_file(str(path))

    assert anyio.run(look, backend=backend) is None
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    look_at_certificates()
    seen = anyio.run(look, backend=backend)
    path.unlink()
    assert anyio.run(look, backend=backend) == seen
    missing = certificate_file(str(path))
    assert missing is not None
    assert (missing.version, missing.looks_right) == (None, False)


def test_another_file_at_the_same_path_is_looked_at_before_the_loop(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look() -> object:
        return certificate_file(str(path))

    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    look_at_certificates()
    before = anyio.run(look)
    path.write_text("-----BEGIN CERTIFICATE-----\nanother\n")
    look_at_certificates()
    assert anyio.run(look) not in (before, None)
