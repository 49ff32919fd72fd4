"""The loopback Groq in a process of its own, so that it shares no interpreter with who is measured.

    python -m benchmarks.server

It says where it listens and which key it takes (a JSON line), and stops when its standard input ends.
"""

from __future__ import annotations

import json
import sys

from benchmarks.streams import answer

from loopback_groq import LoopbackGroq  # isort: skip  # streams.py says where it is


def main() -> None:
    """Serve until nobody listens any more."""
    with LoopbackGroq() as server:
        server.default = answer
        print(json.dumps({"base_url": server.base_url, "api_key": server.api_key}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
