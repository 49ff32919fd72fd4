"""Secrets of which the elements of a list have a piece each: chunks, deltas, or their words."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from groqtape.pytest_plugin.snapshot_views import View, view_of
from groqtape.redaction.shown import gate

__all__ = ["without_secrets_in_pieces"]

_LONGEST_NAME = 24


def without_secrets_in_pieces(data: Any) -> Any:
    """Return what a snapshot shows, with the pieces of secrets redacted as the cassette has them.

    Args:
        data: What is to be shown. It stays as it is.
    """
    try:
        return _redacted(data)
    except RecursionError:  # it holds itself, which syrupy shows
        return data


def _redacted(data: Any) -> Any:
    if isinstance(data, dict):
        fields = {name: _redacted(value) for name, value in data.items()}
        return data if all(fields[name] is value for name, value in data.items()) else fields
    if not isinstance(data, list | tuple):
        return data
    elements = [_redacted(element) for element in data]
    plain = [_plain(element) for element in elements]
    redacted = gate.redacted_pieces(plain) if len(plain) > 1 else plain
    if redacted == plain and all(new is old for new, old in zip(elements, data, strict=True)):
        return data
    return _with_texts(_like(data, elements), redacted)


def _plain(value: Any) -> Any:
    """The texts in a value, in their places; None for all that has none. A stream shows its text whole."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {_place(at, name): _plain(inner) for at, (name, inner) in enumerate(value.items())}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _plain(view_of(value).fields) if isinstance(value, View | BaseModel) else None


def _with_texts(value: Any, plain: Any) -> Any:
    """The value with other texts."""
    if isinstance(value, str):
        return plain
    if isinstance(value, dict):
        items = enumerate(value.items())
        return {name: _with_texts(inner, plain[_place(at, name)]) for at, (name, inner) in items}
    if isinstance(value, list | tuple):
        return _like(value, [_with_texts(inner, new) for inner, new in zip(value, plain, strict=True)])
    if isinstance(value, View | BaseModel):
        view = view_of(value)
        return View(view.title, _with_texts(view.fields, plain))
    return value


def _place(at: int, name: Any) -> str:
    """The name of a field; a long one may be a secret itself, and the number stands for it."""
    text = str(name)
    return text if len(text) <= _LONGEST_NAME else f"#{at}"


def _like(value: Any, elements: list[Any]) -> Any:
    """The elements as a tuple where the value is one."""
    if hasattr(value, "_make"):
        return value._make(elements)
    return tuple(elements) if isinstance(value, tuple) else elements
