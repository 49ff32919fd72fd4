"""Runs a command, and says how long it took, how much processor time, and how much memory at its peak.

    python measured.py <file for the figures> <file for the output> <command …>

A small process of its own: what a child's peak is counted from is the size of the process that starts it.
The peak is that of the largest process, where the command starts others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path


def main(figures: str, output: str, *command: str) -> int:
    """Run the command; gives its exit code."""
    import resource

    with Path(output).open("wb") as said:
        began = time.perf_counter()
        done = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, check=False)
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    Path(figures).write_text(
        json.dumps(
            {"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * unit}
        )
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
