"""The loopback Groq in a process of its own, so that it shares no interpreter with what is measured.

    python -m benchmarks.server

It prints its base URL and its key (a JSON line), and stops when its standard input ends.
"""

from __future__ import annotations

import json
import sys

from benchmarks.streams import answer

from loopback_groq import LoopbackGroq  # isort: skip  # streams.py adds its folder to the path


def main() -> None:
    """Serve until standard input ends."""
    with LoopbackGroq() as server:
        server.default = answer
        print(json.dumps({"base_url": server.base_url, "api_key": server.api_key}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
