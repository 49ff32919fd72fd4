"""How wide a text is in a terminal."""

from __future__ import annotations

import pytest

from groqtape.reports.columns import columns_of


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("plain", 5), ("née", 3), ("ne\u0301e", 3), ("漢字", 4), ("ｗ", 2), ("🎉", 2), ("a\u200db", 2)],
)
def test_is_that_of_its_characters(text: str, columns: int) -> None:
    assert columns_of(text) == columns
