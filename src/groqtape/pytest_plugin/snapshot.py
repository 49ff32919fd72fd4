"""Snapshots of what was streamed, as people read it.

A syrupy extension: ids, timestamps, fingerprints and timings stay out, so that recording the same
answer again changes no snapshot.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.extensions.amber.serializer import AmberDataSerializer

from groqtape.pytest_plugin.snapshot_pieces import without_secrets_in_pieces
from groqtape.pytest_plugin.snapshot_views import View, view_of
from groqtape.redaction.shown import gate
from groqtape.streams.stream import GroqStream

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex

__all__ = ["GroqSnapshotExtension", "SnapshotBesideAnother"]


class _Serializer(AmberDataSerializer):
    """syrupy's text, with views."""

    @classmethod
    def serialize_unknown(cls, data: Any, **kwargs: Any) -> str:
        """Write an object that has a view; any other as syrupy does."""
        if dataclasses.is_dataclass(data):  # syrupy 6 and later do the same, without calling this method
            names = [field.name for field in dataclasses.fields(data)]
            view = View(type(data).__name__, {name: getattr(data, name) for name in names})
        elif isinstance(data, View | GroqStream | BaseModel):
            view = view_of(data)
        else:
            return super().serialize_unknown(data, **kwargs)
        return cls.serialize_custom_iterable(
            data=view,
            resolve_entries=(
                list(view.fields),
                lambda shown, field: shown.fields[field],
                None,
            ),
            separator="=",
            **kwargs,
        )

    @classmethod
    def object_type(cls, data: Any) -> str:
        """The title of a view, or the name of a class."""
        return data.title if isinstance(data, View) else super().object_type(data)

    @classmethod
    def serialize_string(cls, data: str, **kwargs: Any) -> str:
        """A text without secrets: as the replay of its cassette has it."""
        return super().serialize_string(gate.redacted(data), **kwargs)


class GroqSnapshotExtension(AmberSnapshotExtension):
    """Writes streams, chunks, usage and other models into syrupy's `.ambr` files."""

    serializer_class = _Serializer

    def serialize(self, data: Any, **kwargs: Any) -> Any:
        """Serialize data, without secrets also where they are not in a text of their own."""
        return gate.redacted(str(super().serialize(without_secrets_in_pieces(data), **kwargs)))


class SnapshotBesideAnother(GroqSnapshotExtension):
    """The same, in a test that uses syrupy's `snapshot` too: under names of its own."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """A name that syrupy's own `snapshot` does not take."""
        return f"{super().get_snapshot_name(test_location=test_location, index=index)}[groq_snapshot]"
