"""Tool calls, assembled from the deltas of a stream."""

import json

from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageToolCall
from groq.types.chat.chat_completion_chunk import ChoiceDeltaToolCall
from groq.types.chat.chat_completion_message_tool_call import Function

from groqtape.streams.arguments import as_text

__all__ = ["ToolCalls"]


class _Call:
    """One call as received so far; `open` until it has been returned as finished."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = ""
        self.open = True

    def is_continued_by(self, delta: ChoiceDeltaToolCall) -> bool:
        """Whether the delta belongs to this call, rather than to the next one."""
        other_id = delta.id and self.id and delta.id != self.id
        return self.open and not other_id

    def add(self, delta: ChoiceDeltaToolCall) -> None:
        """Add a delta."""
        self.id = self.id or delta.id or ""
        if delta.function:
            self.name += delta.function.name or ""
            self.arguments += as_text(delta.function.arguments)

    def has_all_arguments(self) -> bool:
        """Whether the arguments are a complete JSON object."""
        # Saves parsing: most pieces of split arguments do not end like an object.
        if not self.arguments.rstrip().endswith("}"):
            return False
        try:
            return isinstance(json.loads(self.arguments), dict)
        except (ValueError, RecursionError):
            return False

    def finish(self) -> ChatCompletionMessageToolCall:
        """Return the call as finished."""
        self.open = False
        function = Function(arguments=self.arguments, name=self.name)
        return ChatCompletionMessageToolCall(id=self.id, function=function, type="function")


class ToolCalls:
    """Assembles the tool-call deltas of one stream into finished calls, each returned once and in order.

    A call is finished as soon as its arguments are a complete JSON object. Groq sends a call whole, so the
    chunk that carries it also finishes it. If the arguments are missing, cut off or not JSON, the call is
    finished when another call with the same `index` begins, when its choice gets a finish reason, or when
    the stream ends well.

    A delta continues the open call of its choice that has the same `index`, unless it has another `id`. Any
    other delta begins a call, unless it is blank. The `id` is `""` if no delta had one.

    Attributes:
        finished: The finished calls of each choice, by its index, in the order in which they finished.
    """

    def __init__(self) -> None:
        self.finished: dict[int, list[ChatCompletionMessageToolCall]] = {}
        # The latest call of each choice and index, in the order in which the calls began.
        self._latest: dict[tuple[int, int], _Call] = {}

    def add(self, chunk: ChatCompletionChunk) -> list[ChatCompletionMessageToolCall]:
        """Add one more chunk.

        Args:
            chunk: The stream's next chunk.

        Returns:
            The calls that this chunk finished, in order.
        """
        finished: list[ChatCompletionMessageToolCall] = []
        for choice in chunk.choices or ():
            if choice.delta:
                for delta in choice.delta.tool_calls or ():
                    finished += self._add(choice.index, delta)
            if choice.finish_reason:
                finished += self._finish(choice.index)
        return finished

    def end(self) -> list[ChatCompletionMessageToolCall]:
        """Finish the open calls. Call it only if the stream ended well.

        Returns:
            The calls that were still open, in the order in which they began.
        """
        return [self._done(of, call) for (of, _), call in self._latest.items() if call.open]

    def _add(self, choice: int, delta: ChoiceDeltaToolCall) -> list[ChatCompletionMessageToolCall]:
        finished: list[ChatCompletionMessageToolCall] = []
        place = choice, delta.index
        call = self._latest.get(place)
        if call is None or not call.is_continued_by(delta):
            if _is_blank(delta, call):
                return finished
            if call is not None and call.open:
                finished.append(self._done(choice, call))
            call = _Call()
            self._latest.pop(place, None)
            self._latest[place] = call
        call.add(delta)
        if call.has_all_arguments():
            finished.append(self._done(choice, call))
        return finished

    def _finish(self, choice: int) -> list[ChatCompletionMessageToolCall]:
        return [self._done(of, call) for (of, _), call in self._latest.items() if of == choice and call.open]

    def _done(self, choice: int, call: _Call) -> ChatCompletionMessageToolCall:
        finished = call.finish()
        self.finished.setdefault(choice or 0, []).append(finished)  # without validation, it may be None
        return finished


def _is_blank(delta: ChoiceDeltaToolCall, call: _Call | None) -> bool:
    """Whether the delta has nothing that could begin a new call after `call`."""
    if delta.id and not (call and call.id == delta.id):
        return False
    function = delta.function
    return function is None or not (function.name or (function.arguments or "").strip())
