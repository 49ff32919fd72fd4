"""What `groqtape --help` prints, and the verbs. It imports nothing, so that the help is there at once."""

from __future__ import annotations

__all__ = ["VERBS", "overview"]

# The modules in this folder, by the names of their verbs, with what the help says of each.
VERBS = {
    "list": ("list_", "list cassettes: models, chunks, timing, how the streams ended"),
    "show": ("show", "show requests and answers as people read them"),
    "play": ("play", "print an answer at the pace at which it was recorded"),
    "diff": ("diff", "what changed, by meaning: against git or another cassette"),
    "check": ("check", "what is wrong: secrets, retired models, cut streams, bad files"),
    "export": ("export", "write a cassette as vcrpy's YAML, raw SSE, JSON lines or HAR"),
    "timeline": ("timeline", "draw when the events of a stream arrived"),
    "report": ("report", "write one page of pictures: streams, figures, texts"),
    "git-config": ("git_config", "have git diff show cassettes as people read them"),
}

_USAGE = """\
Usage: groqtape VERB [OPTIONS] [PATHS]...

Look at, compare, check and export cassettes of recorded Groq streams.

Verbs:
"""
_NOTES = """
PATHS are files, folders or globs; without any, the cassettes of the project,
and of the projects below it.
Every verb takes --json. Exit codes: 0 good, 1 findings, 2 wrong use.

Options:
  -h, --help     show this, or with a verb what it takes and an example
  -V, --version  show the version
"""


def overview() -> str:
    """The help: no line longer than 80 columns."""
    width = max(map(len, VERBS)) + 2
    verbs = "".join(f"  {name:{width}}{about}\n" for name, (_, about) in VERBS.items())
    return _USAGE + verbs + _NOTES
