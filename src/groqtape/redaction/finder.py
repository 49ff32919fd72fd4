"""Finds the secrets in a body or a text, in each of the ways in which they can be encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from groqtape.redaction.edits import REDACTED, Edit, merged
from groqtape.redaction.rules import Found, by_rules
from groqtape.redaction.views import View, decodings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groqtape.redaction.expressions import Expressions
    from groqtape.redaction.values import SecretValues
    from groqtape.redaction.views import Joined, Span

__all__ = ["Finder", "Finding", "edits_of"]

_LONG = 2000
"""Characters from which on it is worth while to look at what repeats only once."""


class Finding(NamedTuple):
    """A secret in a body.

    Attributes:
        spans: Where it is: one span, or one for each event of a stream that has a piece of it.
        rule: The name of the rule that found it.
        new: What replaces it.
    """

    spans: list[Span]
    rule: str
    new: str = REDACTED


class Finder:
    """Finds secrets by the rules, by the values that have been learned, and by the user's expressions.

    Args:
        values: The secrets that have been learned.
        expressions: The user's expressions.
    """

    def __init__(self, values: SecretValues, expressions: Expressions) -> None:
        self._values = values
        self._expressions = expressions

    def is_harmless(self, text: str) -> bool:
        """Whether it is seen at one look that a text has no secret, as nearly all have none."""
        return not self._expressions and self._has_none(text)

    def findings(self, body: View, *, is_error: bool = False) -> Iterator[Finding]:
        """Find the secrets that are in one place of a body."""
        # Imported here: a request in which nothing is secret needs none of it.
        from groqtape.redaction.json_texts import distinct, leaves

        text = body.text
        if is_error or not self._has_none(distinct(text) if len(text) > _LONG else text):
            for view in decodings(body):
                for found in self._plain(view):
                    yield from self._finding(view, found)
                for found in self._values.found_in_error(view.text) if is_error else ():
                    yield from self._finding(view, found)
        harmless: set[str] = set()  # of a stream, nearly all repeats
        for leaf in leaves(body) if self._expressions else ():
            if leaf.view.text not in harmless:
                of_leaf = list(self._by_expressions(leaf.view, whole=leaf.is_number))
                yield from of_leaf
                if not of_leaf:
                    harmless.add(leaf.view.text)

    def findings_across(self, body: View) -> Iterator[Finding]:
        """Find the secrets of which several events of a stream have a piece each."""
        from groqtape.redaction.across_events import across_events

        for joined in across_events(body, self.is_harmless):
            for view in decodings(joined):
                for found in (*self._plain(view), *self._expressions.found(view.text)):
                    for finding in self._finding(view, found):
                        if len(finding.spans) > 1:
                            yield finding

    def _has_none(self, text: str) -> bool:
        for view in decodings(View(text)):
            for _ in self._plain(view):
                return False
        return True

    def _plain(self, view: View | Joined) -> Iterator[Found]:
        yield from by_rules(view.text)
        yield from self._values.found(view.text)

    def _by_expressions(self, text: View, *, whole: bool) -> Iterator[Finding]:
        if whole:
            for found in self._expressions.found(text.text):
                if found.end - found.start == len(text.text):
                    yield Finding(text.spans(found.start, found.end), found.rule, f'"{REDACTED}"')
            return
        for view in decodings(text):
            for found in self._expressions.found(view.text):
                yield from self._finding(view, found)
            if "+" in view.text:  # a space, in forms
                for found in self._expressions.found(view.text.replace("+", " ")):
                    yield from self._finding(view, found)

    def _finding(self, view: View | Joined, found: Found) -> Iterator[Finding]:
        if not self._expressions.allows(view.text[found.start : found.end]):
            spans = [span for span in view.spans(found.start, found.end) if span[0] < span[1]]
            yield Finding(spans, found.rule)


def edits_of(findings: Iterable[Finding]) -> list[Edit]:
    """Return the edits that replace what was found. Each has the rule that found it."""
    edits: list[Edit] = []
    for finding in findings:
        first, *others = finding.spans
        edits.append(Edit(*first, finding.new, finding.rule))
        edits += [Edit(*span, "", "") for span in others]
    return merged(edits)
