"""Where the recordings of tests that failed are kept: in pytest's cache, which version control ignores."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.pytest_plugin.node_ids import own_node_id
from groqtape.recorder.kept_recordings import Aside

if TYPE_CHECKING:
    import pytest

    from groqtape.pytest_plugin.marker import MarkerSettings

__all__ = ["aside_of", "has_kept"]


def aside_of(
    item: pytest.Item, cassette: Path, marker: MarkerSettings | None, *, replay: bool
) -> Aside | None:
    """Where the recordings of a test are kept; None without pytest's cache (`-p no:cacheprovider`).

    Args:
        item: The test.
        cassette: Its cassette, or one of a fixture that it sets up.
        marker: The settings of its marker. A cassette with a name may be that of several tests.
        replay: Whether calls are answered from what is kept.
    """
    config = item.config
    cache: Any = getattr(config, "cache", None)
    if cache is None:
        return None
    name = os.path.relpath(cassette, config.rootpath).replace(os.sep, "/")
    if marker is not None and marker.name is not None:
        name += f" {own_node_id(item)}"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Aside(Path(cache.mkdir("groqtape")) / digest, replay)


def has_kept(item: pytest.Item, cassette: Path, marker: MarkerSettings | None) -> bool:
    """Whether recordings of a test are kept."""
    aside = aside_of(item, cassette, marker, replay=False)
    return aside is not None and any(file.is_file() for file in aside.files)
