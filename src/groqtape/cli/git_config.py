"""`groqtape git-config`: have `git diff` show cassettes as people read them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cli.git import Repository
from groqtape.cli.options import add_json, examples
from groqtape.cli.project import project_around
from groqtape.cli.project_folders import as_glob
from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from groqtape.cli.output import Output

__all__ = ["command", "declare"]

_DRIVER = "diff.groqtape"
_SETTINGS = {
    f"{_DRIVER}.textconv": "groqtape show --text --or-raw",
    # git keeps what textconv made of a version, so that a log of many does not take long.
    f"{_DRIVER}.cachetextconv": "true",
}


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.add_argument("--enable", action="store_true", default=None, help="set it up")
    about = "take it away again"
    parser.add_argument("--disable", dest="enable", action="store_false", default=None, help=about)
    add_json(parser)
    parser.epilog = examples("git-config --enable")


def command(output: Output, *, enable: bool | None, as_json: bool) -> None:
    """Have `git diff`, `git log -p` and `git show` show cassettes as people read them.

    --enable sets git's textconv in this repository's configuration, and adds the project's cassette folder to
    .gitattributes, which you commit. Where it is not enabled, git shows the files as they are.
    """
    if enable is None:
        raise UsageError("expected --enable or --disable\nTry: groqtape git-config --enable")
    repository = Repository()
    attributes = repository.root / ".gitattributes"
    project = project_around(Path.cwd())
    folder = (project.root / as_glob(project)).resolve()
    try:
        pattern = folder.relative_to(repository.root.resolve()).as_posix()
    except ValueError:
        raise UsageError(
            f"expected the cassettes in the repository {repository.root}, but they are in {folder}\n"
            "Run it in the repository that has them."
        ) from None
    line = (
        f"{pattern}/**/*.yaml diff=groqtape" if " " not in pattern else f'"{pattern}/**/*.yaml" diff=groqtape'
    )
    lines = attributes.read_text(encoding="utf-8").splitlines() if attributes.is_file() else []
    if enable:
        for name, value in _SETTINGS.items():
            repository.configure(name, value)
        changed = line not in lines
        lines += [line] if changed else []
    else:
        repository.forget(_DRIVER)
        changed = line in lines
        lines = [each for each in lines if each != line]
    if changed and not lines:
        attributes.unlink()
    elif changed:
        attributes.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8", newline="\n")
    if as_json:
        output.json({"enabled": enable, "attributes": str(attributes), "line": line})
    else:
        output.line(f"{'Enabled' if enable else 'Disabled'}: {line} (in {attributes})")
