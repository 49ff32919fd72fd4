"""How time and memory grow with the number of cassettes, of interactions in one, of chunks in a stream."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.field import Field
    from benchmarks.rounds import Sample

__all__ = ["Growth", "Point", "growths"]


class Point(NamedTuple):
    """Who, and how much of it."""

    contender: str
    size: int


@dataclass(frozen=True)
class Growth:
    """Something whose size grows; the table shows its cost for each piece of work.

    Attributes:
        key: A short name, for `--only`.
        title: What the table calls it.
        piece: What a piece of work is.
        unit: The unit of a piece's time.
        scale: How many of them a second is.
        subjects: Who is measured with how much, and how.
        rounds: How often.
    """

    key: str
    title: str
    piece: str
    subjects: dict[Point, Callable[[], Sample]]
    rounds: Callable[[Point], int]
    unit: str = "ms"
    scale: float = 1000


def growths(field: Field) -> Iterator[Growth]:
    """Everything that grows."""
    for workers in field.sizes.growing_workers:
        yield _suite(field, workers)
    for what in ("open", "replay"):
        yield _many(field, what)
    for what in ("record", "open", "replay", "load"):
        yield _long(field, what)


def _suite(field: Field, workers: int) -> Growth:
    sizes = field.sizes
    points = [
        Point(each.name, tests)
        for each in field.taking_part("suite")
        for tests in sizes.growing_tests
        if tests <= sizes.peers_up_to or _is_ours(field, each.name)
    ]
    return Growth(
        key=f"cassettes-{workers}",
        title=f"replay tests of a {sizes.short}-chunk cassette each, "
        f"{'one worker' if workers == 1 else f'`-n {workers}`'}",
        piece="test",
        subjects={
            point: functools.partial(field.run_suite, point.contender, point.size, workers)
            for point in points
        },
        rounds=lambda point: 1 if point.size > sizes.peers_up_to else _rounds(field, point),
    )


def _is_ours(field: Field, name: str) -> bool:
    return name in ("groqtape", field.floor)


def _rounds(field: Field, point: Point) -> int:
    """What grows takes long: the others show their rate of growth in one round."""
    return field.sizes.growing_rounds if _is_ours(field, point.contender) else 1


def _in_fresh_worker(field: Field, what: str, point: Point, interactions: int, chunks: int) -> Sample:
    name = point.contender
    prompts = field.prompts(interactions, chunks)
    if what == "record":
        path = field.new_path(name, "growing")
        path.unlink(missing_ok=True)
    else:
        path = field.cassette(name, interactions, chunks)
    with field.fresh_worker(name) as worker:
        if what in ("open", "load"):
            done = worker.do(what, path=str(path))
        else:
            done = worker.do(what, path=str(path), prompts=prompts, asynchronous=False)
        if "chunks" in done:
            field.check(done, interactions * chunks)
        return {**done, **worker.do("peak")}


def _many(field: Field, what: str) -> Growth:
    chunks = field.sizes.many_chunks
    return Growth(
        key=f"interactions-{what}",
        title=f"{'opening' if what == 'open' else 'replaying'} a cassette of interactions × {chunks} chunks",
        piece="interaction",
        subjects={
            (point := Point(each.name, many)): functools.partial(
                _in_fresh_worker, field, what, point, many, chunks
            )
            for each in field.taking_part("interactions")
            for many in field.sizes.growing_many
            if what == "replay" or not each.floor
        },
        rounds=functools.partial(_rounds, field),
    )


def _long(field: Field, what: str) -> Growth:
    doing = {"record": "recording", "open": "opening", "replay": "replaying", "load": "`groqtape.load` of"}
    return Growth(
        key=f"chunks-{what}",
        title=f"{doing[what]} one stream",
        piece="chunk",
        subjects={
            (point := Point(each.name, chunks)): functools.partial(
                _in_fresh_worker, field, what, point, 1, chunks
            )
            for each in field.taking_part("chunks")
            for chunks in field.sizes.growing_long
            if (what != "open" or not each.floor) and (what != "load" or each.name == "groqtape")
        },
        rounds=functools.partial(_rounds, field),
        unit="µs",
        scale=1_000_000,
    )
