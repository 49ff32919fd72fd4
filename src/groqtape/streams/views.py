"""What `GroqStream` gives for assertions: plain data, and a check.

The modules behind it are imported when they are first used: a test that only replays needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groqtape.streams.accumulator import Accumulator
    from groqtape.streams.deltas import Delta
    from groqtape.streams.shape import Shape
    from groqtape.streams.summary import Summary

__all__ = ["Views"]


class Views:
    """The plain data of what has been read of a stream so far."""

    _accumulated: Accumulator

    def summary(self) -> Summary:
        """What was answered, without what differs between two recordings of one answer.

        Returns:
            Dicts, lists, strings and numbers, as `groqtape.streams.summary.Summary` describes them. Their
            `repr` is a Python literal.
        """
        from groqtape.streams.summary import summary_of

        return summary_of(self._accumulated)

    def shape(self) -> Shape:
        """The same without the words: what another recording of the same request should have too.

        Returns:
            Which parts there are, finish reasons, names of the tools called and the types of their
            arguments, as `groqtape.streams.shape.Shape` describes them.
        """
        from groqtape.streams.shape import shape_of

        return shape_of(self._accumulated)

    def deltas(self) -> list[Delta]:
        """What each chunk added.

        Returns:
            A dict for each chunk, in order, as `groqtape.streams.deltas.Delta` describes it. Joined, their
            `content` is the stream's content.
        """
        from groqtape.streams.deltas import deltas_of

        return deltas_of(self._accumulated.chunks)

    def check(self) -> None:
        """Assert what holds for every good stream, whatever it answers.

        It was read to its end and ended well. Each choice begins with its role and ends with one finish
        reason. All chunks have one id. Usage adds up, and is the same wherever Groq repeats it. Texts consist
        of whole characters, and arguments of tool calls are JSON objects. `groq/compound` sends no role and
        changes the id: both are allowed there.

        Raises:
            StreamCheckError: Something of that does not hold. The error, an `AssertionError`, lists what,
                and in which chunk.
        """
        from groqtape.streams.check import check

        check(self._accumulated)
