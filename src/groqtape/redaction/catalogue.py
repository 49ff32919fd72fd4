"""The keys that providers issue, as their documentation describes them: a prefix, and what follows.

detect-secrets and other scanners were considered as a dependency. They lack most providers of language
models (Groq, Anthropic, Hugging Face, xAI, Perplexity, Replicate, Google's `AIza`), and bring `requests`.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from groqtape.redaction.placeholder import PLACEHOLDER_KEY

__all__ = ["PATTERNS", "PREFIXES", "Pattern", "Prefix", "may_have_key"]


class Prefix(NamedTuple):
    """A kind of key with a prefix.

    Attributes:
        rule: The name of the rule, for reports.
        prefix: What the key starts with.
        shape: What must follow, as a regular expression.
    """

    rule: str
    prefix: str
    shape: str = r"[\w-]{16,}"


class Pattern(NamedTuple):
    """A kind of secret without a fixed prefix.

    Attributes:
        rule: The name of the rule, for reports.
        hint: A text that is in all of them.
        regex: A regular expression, which must need no more time than in proportion to the text.
    """

    rule: str
    hint: str
    regex: str

    @property
    def compiled(self) -> re.Pattern[str]:
        """The regular expression, compiled when it is first needed."""
        return _compiled(self.regex)


@functools.cache
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


def _prefixes(rule: str, prefixes: str, shape: str = r"[\w-]{16,}") -> list[Prefix]:
    return [Prefix(rule, prefix, shape) for prefix in prefixes.split()]


PREFIXES: tuple[Prefix, ...] = (
    # Groq's keys are `gsk_` and 52 letters and digits, its organisation ids `org_` and 26.
    Prefix("placeholder key", PLACEHOLDER_KEY, ""),
    Prefix("Groq key", "gsk_", r"[\w-]{6,}"),
    Prefix("organisation id", "org_", r"[A-Za-z0-9]{8,}"),
    Prefix("organisation id", "org-", r"[A-Za-z0-9]{16,}"),
    # OpenAI, Anthropic (sk-ant-), OpenRouter (sk-or-), DeepSeek, LiteLLM, Langfuse (sk-lf-)
    *_prefixes("API key", "sk- pk-lf-"),
    *_prefixes("API key", "xai- pplx- r8_ hf_ api_org_ nvapi- csk- tvly- fw_ jina_ pcsk_ e2b_ tgp_v1_ lsv2_"),
    *_prefixes("Google key", "AIza ya29. GOCSPX-", r"[\w.-]{20,}"),
    *_prefixes("AWS key", "AKIA ASIA ABIA ACCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    *_prefixes("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_"),
    *_prefixes("GitLab token", "glpat- gldt- glrt- glptt- glcbt- glsoat- glft- glagent-"),
    *_prefixes("Slack token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp- xoxe.", r"[\w.-]{10,}"),
    *_prefixes("Stripe key", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_"),
    *_prefixes("package registry token", "npm_ pypi-AgE rubygems_ dckr_pat_ dckr_oat_"),
    *_prefixes(
        "service token",
        "dop_v1_ doo_v1_ dor_v1_ shpat_ shpca_ shppa_ shpss_ sq0atp- sq0csp- hvs. hvb. ATATT3 ATCTT3 lin_api_"
        " ntn_ figd_ dp.pt. dp.st. NRAK- glsa_ glc_ sntrys_ sntryu_ phc_ phx_ sbp_ sb_secret_ pscale_ HRKU-"
        " nfp_ ops_eyJ EAAA AGE-SECRET-KEY-1 sk-helicone- lsm_ pat-na1- tskey- duffel_ fo1_ databricks-",
        r"[\w=.-]{20,}",
    ),
    Prefix("Notion token", "secret_", r"[A-Za-z0-9]{32,}"),
    Prefix("Mailgun key", "key-", r"[0-9a-f]{32}"),
    Prefix("Databricks token", "dapi", r"[0-9a-f]{32}"),
    Prefix("SendGrid key", "SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    Prefix("JSON web token", "eyJ", r"[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
    *_prefixes("Twilio key", "SK AC", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
)

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "private key",
        "PRIVATE KEY",
        # To its end, or to the end of the text where that is missing.
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[^\"<>{}\-]|-(?!----))*+(?:-----END [A-Z0-9 ]{0,40}-----)?",
    ),
    Pattern("Telegram token", ":AA", r"(?<![0-9])[0-9]{8,10}:AA[\w-]{32,}"),
    Pattern("Slack webhook", "hooks.slack.com/", r"(?<=hooks\.slack\.com/)[\w/]{20,}"),
    Pattern("Discord webhook", "/api/webhooks/", r"(?<=/api/webhooks/)[0-9]{10,}/[\w-]{20,}"),
    Pattern("Mailchimp key", "-us", r"(?<![0-9a-f])[0-9a-f]{32}-us[0-9]{1,2}"),
)


_MARKS = "_-."
_HINTS = tuple(dict.fromkeys((*(kind.prefix for kind in PREFIXES), *(kind.hint for kind in PATTERNS))))

_OTHERS = tuple(hint for hint in _HINTS if hint[-1] not in _MARKS)
# What stands before the first `_`, `-` or `.` of the hints that end with it: `gsk` before `_`.
_BEGINNINGS = {
    mark: tuple(dict.fromkeys(hint.partition(mark)[0] for hint in _HINTS if hint[-1] == mark))
    for mark in _MARKS
}


def may_have_key(text: str) -> bool:
    """Whether it is worth while to look for keys of these kinds in a text: nearly all texts have none."""
    return any(map(text.__contains__, _OTHERS)) or any(
        piece.endswith(beginnings)
        for mark, beginnings in _BEGINNINGS.items()
        if mark in text
        for piece in text.split(mark)[:-1]
    )
