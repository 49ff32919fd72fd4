"""How much is measured: in full, in seconds, or just enough to see that it runs."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SIZES", "Sizes"]


@dataclass(frozen=True)
class Sizes:
    """The sizes of a run; the defaults are the full form's.

    Attributes:
        tests: Tests in the suite, each with a cassette of its own.
        short: Chunks of a short stream, such as those tests'.
        long: Chunks of a long stream.
        many: Interactions in a cassette of many.
        many_chunks: Chunks of each of them.
        pause: Milliseconds from one event to the next in a stream that is recorded as it comes.
        unrelated: Tests in the suite that uses no plugin.
        rounds: Rounds of what takes milliseconds.
        slow_rounds: Rounds of what takes seconds.
        pytest_rounds: Rounds of the two runs of pytest whose difference is a plugin's cost.
        growing_tests: Tests in the growing suite.
        growing_workers: pytest-xdist's workers for it.
        growing_many: Interactions in the growing cassette.
        growing_long: Chunks of the growing stream.
        peers_up_to: Size above which the growing suite runs once, for groqtape and the floor alone.
        growing_cassettes: Cassettes in the folder that the command line goes over.
        growing_rounds: Rounds of those (for the other tools: one).
        warm_up: Whether there is a round before the first that counts.
        peers: Whether the other tools take part, in environments of their own.
    """

    tests: int = 200
    short: int = 74
    long: int = 2_000
    many: int = 100
    many_chunks: int = 100
    pause: int = 20
    unrelated: int = 50
    rounds: int = 15
    slow_rounds: int = 7
    pytest_rounds: int = 30
    growing_tests: tuple[int, ...] = (200, 1_000, 10_000)
    growing_workers: tuple[int, ...] = (1, 2)
    growing_many: tuple[int, ...] = (100, 1_000)
    growing_long: tuple[int, ...] = (2_000, 50_000)
    growing_cassettes: tuple[int, ...] = (1_000, 10_000)
    growing_rounds: int = 3
    peers_up_to: int = 5_000
    warm_up: bool = True
    peers: bool = True


SIZES = {
    "full": Sizes(),
    "short": Sizes(
        tests=20,
        long=500,
        many=20,
        many_chunks=50,
        pause=5,
        rounds=3,
        slow_rounds=2,
        pytest_rounds=3,
        growing_tests=(10, 40),
        growing_many=(10, 40),
        growing_long=(200, 2_000),
        growing_cassettes=(20, 60),
        growing_rounds=1,
        warm_up=False,
        peers=False,
    ),
    "tiny": Sizes(
        tests=2,
        short=6,
        long=12,
        many=2,
        many_chunks=3,
        pause=1,
        unrelated=1,
        rounds=1,
        slow_rounds=1,
        pytest_rounds=1,
        growing_tests=(1, 2),
        growing_workers=(1,),
        growing_many=(1, 2),
        growing_long=(6,),
        growing_cassettes=(2,),
        growing_rounds=1,
        warm_up=False,
        peers=False,
    ),
}
"""The forms of a run by name."""
