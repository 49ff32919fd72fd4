"""The file of a cassette in use, where the other tests of a run write it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli.cassettes import stream, write

from groqtape.recorder.cassette_file import CassetteFile
from groqtape.recorder.comparison import Comparison
from groqtape.recorder.settings import CassetteSettings, Owner
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("begun", "adds"), [([False, True], True), ([False, False], False), ([True], True)])
def test_a_file_that_another_test_has_begun_is_added_to(
    begun: list[bool],
    adds: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where it was begun after this test had looked, and before it read the file."""
    path = tmp_path / "shared.yaml"
    write(path, stream())
    answers = iter(begun)
    monkeypatch.setattr(CassetteFile, "_is_resumed", lambda self: next(answers))
    settings = CassetteSettings("once")
    file = CassetteFile(path, settings, Owner(run="a run"), Redactor(), Comparison.of(settings))

    vcr_cassette = file.read()

    assert len(vcr_cassette) == 1
    assert vcr_cassette.write_protected is not adds
