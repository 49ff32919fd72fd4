"""Runs a command and measures its seconds, its processor time and its peak memory.

    python measured.py <file for the figures> <file for the output> <command …>

It is a small process of its own: a child's peak memory includes the size of the process that forked it.
Where the command starts other processes, the peak is that of the largest.
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

    with Path(output).open("wb") as out:
        began = time.perf_counter()
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
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
