"""A cassette as groqtape would have recorded it: without what redaction takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cassettes.responses import with_body
from groqtape.reports.canonical_form import learn_from
from groqtape.reports.interaction import Interaction

if TYPE_CHECKING:
    from groqtape.redaction.redactor import Redactor
    from groqtape.reports.cassette_files import CassetteFile

__all__ = ["without_secrets"]


def without_secrets(cassette: CassetteFile, redactor: Redactor) -> tuple[CassetteFile, int]:
    """Take the secrets out of what was read.

    Secrets that several events of a stream have a piece of each are found. Headers that groqtape does not
    keep are left out: another recorder keeps them.

    Args:
        cassette: The cassette.
        redactor: What takes them out. It learns the credentials that stand in headers.

    Returns:
        The cassette without them, and how many there were.
    """
    redactor.take_redactions()
    for each in cassette.interactions:
        learn_from(redactor, each)
    interactions = [
        Interaction(each.number, redactor.request(each.request), redactor.response(with_body(each.response)))
        for each in cassette.interactions
    ]
    count = sum(redactor.take_redactions().values())
    metadata = redactor.notes(cassette.metadata)
    return cassette._replace(interactions=interactions, metadata=metadata), count
