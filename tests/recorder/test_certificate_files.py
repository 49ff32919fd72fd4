"""The file of certificates is looked at outside event loops alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from groqtape.recorder.certificate_files import certificate_file, look_at_certificates

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
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
