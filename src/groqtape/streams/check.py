"""What must hold for any good stream, whatever it answers.

Each rule is a function that yields what breaks it. `RULES` lists them.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from groqtape.errors import StreamCheckError
from groqtape.streams.accumulator import Accumulator
from groqtape.streams.arguments import json_object
from groqtape.streams.deltas import choice_deltas
from groqtape.streams.tool_calls import ToolCalls
from groqtape.streams.usage import UsageCounts, counts_of

__all__ = ["RULES", "check", "problems_of"]

_SHOWN = 60
"""How many characters of a text a problem shows."""


def check(stream: Accumulator) -> None:
    """Check that a stream is good.

    Raises:
        StreamCheckError: It breaks one of the rules. The error lists every problem.
    """
    problems = problems_of(stream)
    if problems:
        raise StreamCheckError(problems)


def problems_of(stream: Accumulator) -> list[str]:
    """What breaks a rule, in the order of `RULES`; `[]` for a good stream."""
    return [problem for rule in RULES for problem in rule(stream)]


def _ended(stream: Accumulator) -> Iterator[str]:
    """It was read to its end, and ended well."""
    last = f"after chunks[{len(stream.chunks) - 1}]" if stream.chunks else "before its first chunk"
    if stream.error:
        yield f"{last}: expected more of the stream, but {type(stream.error).__name__}: {stream.error}"
    elif not stream.done:
        yield f"{last}: expected the end of the stream, but it has not been read to its end"
    elif not stream.complete:
        yield f"{last}: expected the end of the stream, but it was closed before its end"
    elif not stream.chunks:
        yield f"{last}: expected chunks, but the stream ended"
    for number, chunk in enumerate(stream.chunks):
        error = getattr(chunk.chunk.x_groq, "error", None)
        if error:
            yield f"chunks[{number}]: x_groq reports an error: {error}"


def _one_finish_reason(stream: Accumulator) -> Iterator[str]:
    """Each choice has one finish reason, and nothing comes after it."""
    seen: dict[int, int] = {}
    finished: dict[int, int] = {}
    for number, chunk in enumerate(stream.chunks):
        for delta in choice_deltas(chunk):
            index = delta["index"]
            seen[index] = number
            if index in finished:
                came = f"finish reason {delta['finish_reason']!r}" if "finish_reason" in delta else "a delta"
                yield (
                    f"chunks[{number}]: expected nothing more for choice {index}, which finished in "
                    f"chunks[{finished[index]}], but {came} came"
                )
            elif "finish_reason" in delta:
                finished[index] = number
    for index, number in sorted(seen.items()):
        # Why a stream that did not end well has no finish reason, `_ended` reports.
        if stream.complete and index not in finished:
            yield f"chunks[{number}]: expected a finish reason for choice {index}, whose last delta is here"


def _role_first(stream: Accumulator) -> Iterator[str]:
    """The first delta of each choice has the role. The deltas of `groq/compound` have none at all."""
    begun: set[int] = set()
    for number, chunk in enumerate(stream.chunks):
        for delta in choice_deltas(chunk):
            first = delta["index"] not in begun
            begun.add(delta["index"])
            if first and "role" not in delta and not _is_compound(stream):
                yield f"chunks[{number}]: expected the role in the first delta of choice {delta['index']}"


def _one_id(stream: Accumulator) -> Iterator[str]:
    """All chunks have one id. The chunks of `groq/compound` have one each."""
    for number, chunk in enumerate(stream.chunks):
        if chunk.id != stream.chunks[0].id and not _is_compound(stream):
            yield f"chunks[{number}]: expected the id of chunks[0], {stream.chunks[0].id!r}, not {chunk.id!r}"


def _usage_adds_up(stream: Accumulator) -> Iterator[str]:
    """The total is the sum, and wherever usage is repeated, in one chunk or a later one, it is the same."""
    first: tuple[str, UsageCounts] | None = None
    for number, chunk in enumerate(stream.chunks):
        for field, holder in (("usage", chunk.chunk), ("x_groq.usage", chunk.chunk.x_groq)):
            usage = getattr(holder, "usage", None)
            if not usage:
                continue
            place, counts = f"chunks[{number}].{field}", counts_of(usage)
            added = counts.get("prompt_tokens", 0) + counts.get("completion_tokens", 0)
            if counts.get("total_tokens") != added:
                yield f"{place}: expected total_tokens {added} (prompt and completion), not {_total(counts)}"
            if first is None:
                first = place, counts
            elif counts != first[1]:
                yield f"{place}: expected the usage of {first[0]}, {first[1]}, not {counts}"


def _total(counts: UsageCounts) -> str:
    return str(counts.get("total_tokens", "none"))


def _text_joins_up(stream: Accumulator) -> Iterator[str]:
    """Each piece of text is Unicode. Half of a surrogate pair does not join with the other half."""
    for number, chunk in enumerate(stream.chunks):
        for delta in choice_deltas(chunk):
            for field, text in (("content", delta["content"]), ("reasoning", delta.get("reasoning", ""))):
                try:
                    text.encode()
                except UnicodeEncodeError:
                    yield f"chunks[{number}]: expected {field} in whole characters, not {_shown(text)}"


def _arguments_are_json(stream: Accumulator) -> Iterator[str]:
    """The arguments of each finished tool call are a JSON object."""
    calls = ToolCalls()
    begun: dict[str, int] = {}
    for number, chunk in enumerate(stream.chunks):
        for choice in chunk.chunk.choices or ():
            for piece in (choice.delta and choice.delta.tool_calls) or ():
                begun.setdefault(piece.id or "", number)
        finished = calls.add(chunk.chunk)
        if stream.complete and number == len(stream.chunks) - 1:
            finished += calls.end()
        for call in finished:
            if json_object(call.function.arguments) is None:
                yield (
                    f"chunks[{begun.get(call.id, number)}]: expected a JSON object as the arguments of the "
                    f"tool call {call.function.name!r}, not {_shown(call.function.arguments)}"
                )


def _is_compound(stream: Accumulator) -> bool:
    """Whether a system of several models answered (`groq/compound`, before that `compound-beta`)."""
    return "compound" in (stream.model or "")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


Rule: TypeAlias = Callable[[Accumulator], Iterator[str]]

RULES: tuple[Rule, ...] = (
    _ended,
    _one_finish_reason,
    _role_first,
    _one_id,
    _usage_adds_up,
    _text_joins_up,
    _arguments_are_json,
)
