"""`groqtape git-config`: have `git diff` show cassettes as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cli.git import Repository
from groqtape.cli.options import add_json, examples
from groqtape.cli.project_tree import ProjectTree
from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from pathlib import Path

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

    --enable sets git's textconv in this repository's configuration, and adds the cassette folders to
    .gitattributes, which you commit. Where it is not enabled, git shows the files as they are.
    """
    if enable is None:
        raise UsageError("expected --enable or --disable\nTry: groqtape git-config --enable")
    repository = Repository()
    attributes = repository.root / ".gitattributes"
    projects = ProjectTree().projects
    if enable:
        projects = [each for each in projects if each.may_be_there] or projects[:1]
    own = list(dict.fromkeys(_line(each.glob.resolve(), repository.root) for each in projects))
    lines = attributes.read_text(encoding="utf-8").splitlines() if attributes.is_file() else []
    if enable:
        for name, value in _SETTINGS.items():
            repository.configure(name, value)
        written = lines + [line for line in own if line not in lines]
    else:
        repository.forget(_DRIVER)
        written = [line for line in lines if line not in own]
    if written != lines and not written:
        attributes.unlink()
    elif written != lines:
        attributes.write_text("".join(f"{line}\n" for line in written), encoding="utf-8", newline="\n")
    if as_json:
        output.json({"enabled": enable, "attributes": str(attributes), "lines": own})
    else:
        for line in own:
            output.line(f"{'Enabled' if enable else 'Disabled'}: {line} (in {attributes})")


def _line(folder: Path, root: Path) -> str:
    """The line of .gitattributes for a folder of cassettes.

    Raises:
        UsageError: It is not in the repository.
    """
    try:
        pattern = folder.relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UsageError(
            f"expected the cassettes in the repository {root}, but they are in {folder}\n"
            "Run it in the repository that has them."
        ) from None
    return (
        f"{pattern}/**/*.yaml diff=groqtape" if " " not in pattern else f'"{pattern}/**/*.yaml" diff=groqtape'
    )
