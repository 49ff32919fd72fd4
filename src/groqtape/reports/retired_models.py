"""The models that Groq has retired: one table, and the dates on which requests began to fail.

Source: https://console.groq.com/docs/deprecations, as it stood in September 2026. The dates are those of the
free and developer tiers; customers with a contract may keep a model for longer. To bring the table up to
date, add lines and change that month.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple

__all__ = ["RETIRED", "Retired", "retired_model"]


class Retired(NamedTuple):
    """A model that is no longer served.

    Attributes:
        since: The day from which on requests to it fail.
        replacement: What Groq recommends in its place; None where it recommends nothing.
    """

    since: datetime.date
    replacement: str | None


# Model, day, and what Groq recommended on that day (which it may have retired since: see `retired_model`).
_TABLE = """
groq/compound                               2026-09-21  -
groq/compound-mini                          2026-09-21  -
qwen/qwen3.6-27b                            2026-09-14  qwen/qwen3.8-27b
llama-3.1-8b-instant                        2026-08-16  openai/gpt-oss-20b
llama-3.3-70b-versatile                     2026-08-16  openai/gpt-oss-120b
qwen/qwen3-32b                              2026-07-17  openai/gpt-oss-120b
meta-llama/llama-4-scout-17b-16e-instruct   2026-07-17  openai/gpt-oss-120b
moonshotai/kimi-k2-instruct-0905            2026-04-15  openai/gpt-oss-120b
meta-llama/llama-4-maverick-17b-128e-instruct  2026-03-09  openai/gpt-oss-120b
meta-llama/llama-guard-4-12b                2026-03-05  openai/gpt-oss-safeguard-20b
playai-tts                                  2025-12-31  canopylabs/orpheus-v1-english
playai-tts-arabic                           2025-12-31  canopylabs/orpheus-arabic-saudi
moonshotai/kimi-k2-instruct                 2025-10-10  openai/gpt-oss-120b
gemma2-9b-it                                2025-10-08  llama-3.1-8b-instant
deepseek-r1-distill-llama-70b               2025-10-02  openai/gpt-oss-120b
llama3-70b-8192                             2025-08-30  llama-3.3-70b-versatile
llama3-8b-8192                              2025-08-30  llama-3.1-8b-instant
distil-whisper-large-v3-en                  2025-08-23  whisper-large-v3-turbo
mistral-saba-24b                            2025-07-30  qwen/qwen3-32b
qwen-qwq-32b                                2025-07-14  qwen/qwen3-32b
llama-guard-3-8b                            2025-06-06  meta-llama/llama-guard-4-12b
llama-3.2-1b-preview                        2025-04-14  llama-3.1-8b-instant
llama-3.2-3b-preview                        2025-04-14  llama-3.1-8b-instant
llama-3.2-11b-vision-preview                2025-04-14  meta-llama/llama-4-scout-17b-16e-instruct
llama-3.2-90b-vision-preview                2025-04-14  meta-llama/llama-4-scout-17b-16e-instruct
deepseek-r1-distill-qwen-32b                2025-04-14  qwen-qwq-32b
qwen-2.5-32b                                2025-04-14  qwen-qwq-32b
qwen-2.5-coder-32b                          2025-04-14  openai/gpt-oss-120b
llama-3.3-70b-specdec                       2025-04-14  llama-3.3-70b-versatile
deepseek-r1-distill-llama-70b-specdec       2025-03-24  deepseek-r1-distill-llama-70b
mixtral-8x7b-32768                          2025-03-20  llama-3.3-70b-versatile
llama-3.1-70b-versatile                     2025-01-24  llama-3.3-70b-versatile
llama-3.1-70b-specdec                       2025-01-24  llama-3.3-70b-specdec
llama3-groq-8b-8192-tool-use-preview        2025-01-06  llama-3.3-70b-versatile
llama3-groq-70b-8192-tool-use-preview       2025-01-06  llama-3.3-70b-versatile
gemma-7b-it                                 2024-12-18  gemma2-9b-it
llama-3.2-90b-text-preview                  2024-11-25  llama-3.1-70b-versatile
llava-v1.5-7b-4096-preview                  2024-10-28  llama-3.2-11b-vision-preview
llama-3.2-11b-text-preview                  2024-10-28  llama-3.1-8b-instant
"""

RETIRED: dict[str, Retired] = {
    model: Retired(datetime.date.fromisoformat(since), None if instead == "-" else instead)
    for model, since, instead in (line.split() for line in _TABLE.split("\n") if line)
}
"""The retired models, with what Groq recommended then."""


def retired_model(model: str, today: datetime.date) -> Retired | None:
    """Look a model up.

    Args:
        model: The model that a request names.
        today: The day.

    Returns:
        Since when it is retired, and a replacement that is still served; None for a model that is served.
    """
    found = RETIRED.get(model)
    if found is None or found.since > today:
        return None
    replacement = found.replacement
    while replacement in RETIRED and RETIRED[replacement].since <= today:
        replacement = RETIRED[replacement].replacement
    return Retired(found.since, replacement)
