"""What is not part of the ordinary suite."""

from __future__ import annotations

# They need other packages, and run in environments of their own: make test-clients.
collect_ignore = ["clients"]
