"""Server-sent events as the `groq` SDK decodes them, which differs from the HTML standard.

The source is `groq/_streaming.py`: what has only an `event:` or `retry:` field, and any empty line after an
`id:`, is an event with empty data there.
"""

from __future__ import annotations

from typing import NamedTuple

from groqtape.cassettes.sse import is_whole, lines_of

__all__ = ["SdkDecoder", "SdkEvent"]


class SdkEvent(NamedTuple):
    """One event.

    Attributes:
        event: Its `event:` field; None where it has none.
        data: Its data lines, joined with LF.
    """

    event: str | None
    data: str


class SdkDecoder:
    """Decodes the events of one stream, in order."""

    def __init__(self) -> None:
        self._has_id = False

    def decode(self, event: bytes) -> SdkEvent | None:
        """Decode one event.

        Returns:
            The event; None where the SDK passes it over (only comments, or cut before its end).

        Raises:
            UnicodeDecodeError: It is not in UTF-8.
        """
        if not is_whole(event):
            return None
        name: str | None = None
        data: list[str] = []
        retries = False
        for raw in lines_of(event):
            field, _, value = raw.decode("utf-8").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id" and "\0" not in value:
                self._has_id = bool(value)
            elif field == "retry":
                retries = retries or value.strip().isdecimal()
        if not (name or data or retries or self._has_id):
            return None
        return SdkEvent(name, "\n".join(data))
