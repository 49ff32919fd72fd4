"""Rounds: each subject once, in a new random order, so that a busy machine slows all of them alike."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

from benchmarks.processes import FailedError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

__all__ = ["Sample", "interleaved"]

Sample = dict[str, float]
"""The figures of one measurement: `seconds`, and what else there is."""

SubjectT = TypeVar("SubjectT")


def interleaved(
    subjects: Mapping[SubjectT, Callable[[], Sample]],
    rounds: Callable[[SubjectT], int],
    order: random.Random,
    *,
    warm_up: bool,
) -> tuple[dict[SubjectT, list[Sample]], dict[SubjectT, str]]:
    """Measure each subject once a round.

    Args:
        subjects: Who is measured, and how.
        rounds: In how many rounds a subject is.
        order: What the order in each round is drawn from.
        warm_up: Whether a round that does not count comes first.

    Returns:
        The samples of each subject, and why those without samples have none.
    """
    samples: dict[SubjectT, list[Sample]] = {subject: [] for subject in subjects}
    failed: dict[SubjectT, str] = {}
    for number in range(-1 if warm_up else 0, max((rounds(subject) for subject in subjects), default=0)):
        drawn = [subject for subject in subjects if number < rounds(subject) and subject not in failed]
        order.shuffle(drawn)
        for subject in drawn:
            try:
                sample = subjects[subject]()
            except FailedError as error:
                print(f"{subject}: {error}", file=sys.stderr, flush=True)
                failed[subject] = str(error)
                samples[subject].clear()
                continue
            if number >= 0:
                samples[subject].append(sample)
    return samples, failed
