"""Regular expressions for what looks like a credential, and the user's own."""

from __future__ import annotations

import re

from groqtape.errors import GroqtapeError
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

__all__ = ["PATTERNS", "PATTERNS_ACROSS_EVENTS", "SUSPICIOUS", "URL_PATTERNS", "compiled"]

# The secret is the group, if the pattern has one.
PATTERNS = (
    # Groq's keys are `gsk_` and 52 letters and digits, its organisation ids `org_` and 26.
    re.compile(rb"gsk_[A-Za-z0-9]{16,}"),
    re.compile(re.escape(PLACEHOLDER_KEY.encode())),
    re.compile(rb"org_[A-Za-z0-9]{26}(?![A-Za-z0-9])"),
    # A token has a digit in it; "bearer" in a sentence is followed by words.
    re.compile(rb"(?i:\bbearer)[ +]+((?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,})"),
    re.compile(rb"__cf_bm=([^;,\s\"\\]+)"),
)
# Text that follows a key in the next event need not belong to it.
PATTERNS_ACROSS_EVENTS = (re.compile(rb"gsk_[A-Za-z0-9]{16,52}"), *PATTERNS[1:])
# No pattern matches a text that contains none of these.
SUSPICIOUS = (b"gsk_", b"org_", b"bearer", b"__cf_bm")
URL_PATTERNS = (
    re.compile(rb"^[^/?#]*//([^/?#]+)@"),
    re.compile(rb"(?i)(?:^|[?&])(?:api[_-]?key|access[_-]?token|token|key|secret)=([^&#]+)"),
)


def compiled(secret: str) -> re.Pattern[bytes]:
    """Compile a regular expression of the user's.

    Raises:
        GroqtapeError: It is not valid, or it matches an empty text.
    """
    try:
        pattern = re.compile(secret.encode())
    except re.error as error:
        problem = str(error)
    else:
        if not pattern.search(b""):
            return pattern
        problem = "it finds one in an empty text"
    raise GroqtapeError(
        f"expected a regular expression for what is secret, got {secret!r}: {problem}\n"
        "Correct the ini option groq_secrets or use_cassette(secrets=…)."
    )
