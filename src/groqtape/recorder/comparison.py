"""How the requests of a cassette are compared: one object for all that compares any."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.recorder import matching

if TYPE_CHECKING:
    from collections.abc import Callable

    from groqtape.recorder.matching import Matcher
    from groqtape.recorder.settings import CassetteSettings

__all__ = ["Comparison"]


class Comparison(NamedTuple):
    """How requests are compared.

    Attributes:
        matchers: vcrpy's matchers, or groqtape's in their place.
        indexed: Whether two requests match if and only if their signatures are equal.
        signature: What the default matchers compare of a request: see `groqtape.recorder.matching`.
        content: The body of a request as it is compared, parsed, for naming the fields that differ.
    """

    matchers: list[Matcher]
    indexed: bool
    signature: Callable[[Any], tuple[Any, ...]] = matching.signature
    content: Callable[[Any], Any] = matching.content

    def signatures(self, request: Any) -> set[Any]:
        """What tests of a shared cassette know a recorded request by, also if they compare it differently."""
        return {self.signature(request), matching.signature(request)}

    @classmethod
    def of(cls, settings: CassetteSettings) -> Comparison:
        """How a cassette with these settings compares requests.

        Raises:
            GroqtapeError: `match_on` names no matcher, or a `volatile` or `ignore` is invalid.
        """
        matchers, indexed = matching.matchers(settings.match_on), settings.match_on is None
        if not settings.volatile and not settings.ignore:
            return cls(matchers, indexed)
        # Imported here: a suite without these options doesn't pay for them.
        from groqtape.recorder.compared import Compared

        compared = Compared(settings.volatile, settings.ignore)
        return cls(
            [_of_compared(matcher, compared) for matcher in matchers],
            indexed,
            lambda request: matching.signature(compared(request)),
            compared.content,
        )


def _of_compared(matcher: Matcher, compared: Callable[[Any], Any]) -> Matcher:
    """A matcher that sees requests as they are compared."""

    @functools.wraps(matcher)
    def matches(now: Any, recorded: Any) -> bool | None:
        return matcher(compared(now), compared(recorded))

    return matches
