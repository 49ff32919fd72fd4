"""The rows of the table: what is measured, against what, and what the goal is."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from benchmarks.streams import body, prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.field import Field
    from benchmarks.rounds import Sample

__all__ = ["Goal", "Row", "rows"]

Comparison = Literal["ratio", "beyond", "value"]


@dataclass(frozen=True)
class Goal:
    """What groqtape's figure is to be: at most `most`; None: no more than the noise."""

    most: float | None
    text: str


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        key: A short name, for `--only`.
        title: What the table calls it.
        comparison: What stands in the table: the ratio to the subject beside, the difference, or the value.
        unit: The unit of values and differences.
        scale: How many units one `figure` is.
        figure: Which figure of a sample counts.
        goal: What groqtape's is to be.
        subjects: Who is measured, and how.
        beside: With which subject each is compared.
        rounds: How often.
    """

    key: str
    title: str
    comparison: Comparison
    goal: Goal
    subjects: dict[str, Callable[[], Sample]]
    beside: dict[str, str] = field(default_factory=dict)
    rounds: int = 1
    unit: str = "ms"
    scale: float = 1000
    figure: str = "seconds"


NOISE = ", and again without"
"""What a second run without plugins is called: how far it is from the first is the noise."""
WITHOUT = ", without"
"""What a run without plugins is called."""


def rows(field: Field) -> Iterator[Row]:
    """All rows, in the order of the table."""
    yield _suite(field)
    for asynchronous in (False, True):
        yield _replay_long(field, asynchronous=asynchronous)
    yield _load(field)
    yield _open(field)
    yield _replay_many(field)
    for key, chunks, goal in (("bytes-long", field.sizes.long, 45), ("bytes-short", field.sizes.short, 60)):
        yield _bytes(field, key, chunks, goal)
    yield _plugin(field)
    yield _plugin_import(field)
    for asynchronous in (False, True):
        yield _first_chunk(field, asynchronous=asynchronous)
    yield _record(field)


def _against_floor(field: Field, subjects: dict[str, Callable[[], Sample]]) -> dict[str, str]:
    return dict.fromkeys(subjects, field.floor)


def _suite(field: Field) -> Row:
    tests = field.sizes.tests
    subjects: dict[str, Callable[[], Sample]] = {
        each.name: functools.partial(field.run_suite, each.name, tests) for each in field.taking_part("suite")
    }
    return Row(
        key="suite",
        title=f"{tests} replay tests of a {field.sizes.short}-chunk cassette each, whole pytest run",
        comparison="ratio",
        goal=Goal(1.15, "≤ 1.15 ×"),
        subjects=subjects,
        beside=_against_floor(field, subjects),
        rounds=field.sizes.slow_rounds,
    )


def _replay(field: Field, name: str, interactions: int, chunks: int, *, asynchronous: bool) -> Sample:
    path = field.cassette(name, interactions, chunks)
    prompts = field.prompts(interactions, chunks)
    done = field.worker(name).do("replay", path=str(path), prompts=prompts, asynchronous=asynchronous)
    return field.check(done, interactions * chunks)


def _replay_long(field: Field, *, asynchronous: bool) -> Row:
    key = "stream-async" if asynchronous else "stream"
    chunks = field.sizes.long
    subjects: dict[str, Callable[[], Sample]] = {
        each.name: functools.partial(_replay, field, each.name, 1, chunks, asynchronous=asynchronous)
        for each in field.taking_part(key)
    }
    return Row(
        key=key,
        title=f"streaming {chunks:,} chunks through the SDK, {'async' if asynchronous else 'sync'}",
        comparison="ratio",
        goal=Goal(1.02, "≤ 1.02 ×"),
        subjects=subjects,
        beside=_against_floor(field, subjects),
        rounds=field.sizes.rounds,
    )


def _load(field: Field) -> Row:
    chunks = field.sizes.long

    def load(name: str) -> Sample:
        return field.check(field.worker(name).do("load", path=str(field.cassette(name, 1, chunks))), chunks)

    subjects: dict[str, Callable[[], Sample]] = {
        field.floor: functools.partial(_replay, field, field.floor, 1, chunks, asynchronous=False),
        "groqtape": functools.partial(load, "groqtape"),
    }
    return Row(
        key="load",
        title="the same chunks through `groqtape.load` into `GroqCallResponseChunk`s",
        comparison="ratio",
        goal=Goal(0.2, "≤ 0.2 ×"),
        subjects=subjects,
        beside=_against_floor(field, subjects),
        rounds=field.sizes.rounds,
    )


def _open(field: Field) -> Row:
    many, chunks = field.sizes.many, field.sizes.many_chunks

    def opened(name: str) -> Sample:
        return field.worker(name).do("open", path=str(field.cassette(name, many, chunks)))

    return Row(
        key="open",
        title=f"opening a cassette of {many} interactions × {chunks} chunks",
        comparison="value",
        goal=Goal(8, "≤ 8 ms"),
        subjects={
            each.name: functools.partial(opened, each.name)
            for each in field.taking_part("open")
            if not each.floor
        },
        rounds=field.sizes.rounds,
    )


def _replay_many(field: Field) -> Row:
    many, chunks = field.sizes.many, field.sizes.many_chunks
    subjects: dict[str, Callable[[], Sample]] = {
        each.name: functools.partial(_replay, field, each.name, many, chunks, asynchronous=False)
        for each in field.taking_part("replay-many")
    }
    return Row(
        key="replay-many",
        title=f"replaying all {many} of those",
        comparison="ratio",
        goal=Goal(1.05, "≤ 1.05 ×"),
        subjects=subjects,
        beside=_against_floor(field, subjects),
        rounds=field.sizes.slow_rounds,
    )


def _bytes(field: Field, key: str, chunks: int, most: float) -> Row:
    def size(name: str) -> Sample:
        return {"bytes": field.cassette(name, 1, chunks).stat().st_size / chunks}

    subjects: dict[str, Callable[[], Sample]] = {
        each.name: functools.partial(size, each.name) for each in field.taking_part(key) if not each.floor
    }
    return Row(
        key=key,
        title=f"bytes an event on disk, whole file, plain content of {chunks:,} chunks",
        comparison="value",
        goal=Goal(most, f"≤ {most}"),
        subjects={"the wire": lambda: {"bytes": len(body(chunks)) / chunks}, **subjects},
        unit="",
        scale=1,
        figure="bytes",
    )


def _plugin(field: Field) -> Row:
    subjects: dict[str, Callable[[], Sample]] = {}
    beside = {}
    for each in field.taking_part("plugin"):
        if each.plugins:
            with_, without = (
                functools.partial(field.run_unrelated, each.name, with_plugins=plugins)
                for plugins in (True, False)
            )
            subjects[each.name] = with_
            subjects[f"{each.name}{WITHOUT}"] = without
            subjects[f"{each.name}{NOISE}"] = without
            beside[each.name] = beside[f"{each.name}{NOISE}"] = f"{each.name}{WITHOUT}"
    return Row(
        key="plugin",
        title="added by the plugin to `pytest` on a suite that does not use it",
        comparison="beyond",
        goal=Goal(None, "within the noise"),
        subjects=subjects,
        beside=beside,
        rounds=field.sizes.pytest_rounds,
    )


def _plugin_import(field: Field) -> Row:
    return Row(
        key="import",
        title="importing the plugin",
        comparison="value",
        goal=Goal(5, "≤ 5 ms"),
        subjects={
            each.name: functools.partial(field.import_plugin, each.name)
            for each in field.taking_part("import")
            if each.plugin_module
        },
        rounds=field.sizes.rounds,
    )


def _first_chunk(field: Field, *, asynchronous: bool) -> Row:
    key = "first-chunk-async" if asynchronous else "first-chunk"
    chunks, pause = field.sizes.short, field.sizes.pause
    prompts = [prompt(chunks, apart=pause)]

    def first(name: str) -> Sample:
        path = field.new_path(name, "first-chunk")
        done = field.worker(name).do("record", path=str(path), prompts=prompts, asynchronous=asynchronous)
        return field.check(done, chunks)

    subjects: dict[str, Callable[[], Sample]] = {
        each.name: functools.partial(first, each.name) for each in field.taking_part(key)
    }
    return Row(
        key=key,
        title=f"first chunk while recording {chunks + 1} events {pause} ms apart, "
        f"{'async' if asynchronous else 'sync'}, beyond the bare SDK",
        comparison="beyond",
        goal=Goal(10, "≤ 10 ms"),
        subjects=subjects,
        beside=_against_floor(field, subjects),
        rounds=field.sizes.slow_rounds,
        figure="first",
    )


def _record(field: Field) -> Row:
    chunks = field.sizes.long

    def record(name: str) -> Sample:
        path = field.new_path(name, "recorded")
        done = field.worker(name).do("record", path=str(path), prompts=[prompt(chunks)], asynchronous=False)
        return field.check(done, chunks)

    subjects: dict[str, Callable[[], Sample]] = {
        each.name: functools.partial(record, each.name) for each in field.taking_part("record")
    }
    return Row(
        key="record",
        title=f"recording {chunks:,} chunks at full speed, to the file written, against the bare SDK",
        comparison="ratio",
        goal=Goal(1.1, "≤ 1.1 ×"),
        subjects=subjects,
        beside=_against_floor(field, subjects),
        rounds=field.sizes.rounds,
    )
