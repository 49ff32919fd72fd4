"""The style sheet of the page (page.css), and the policy that lets it alone in."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

__all__ = ["POLICY", "STYLE"]

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
"""The style sheet."""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""The page's own content-security policy: this style sheet, and nothing else."""
