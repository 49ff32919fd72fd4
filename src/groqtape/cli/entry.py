"""Where the command `groqtape` begins."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        # Without click, whose import takes longer than all the rest.
        from groqtape.cli.overview import overview

        print(overview(), end="")  # noqa: T201
        return
    from groqtape.cli.app import groqtape

    groqtape.main(prog_name="groqtape")
