"""Where the command `groqtape` begins."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what can stand here
        from groqtape.cli.completion import complete

        complete()
    if sys.argv[1:] in (["--help"], ["-h"]):
        # Without argparse, whose import takes longer than all the rest.
        from groqtape.cli.overview import overview

        print(overview(), end="")  # noqa: T201
        return
    from groqtape.cli.app import run

    sys.exit(run(sys.argv[1:]))
