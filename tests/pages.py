"""The README and the pages of docs/ as blocks of code, for the tests that run them."""

from __future__ import annotations

import re
import shlex
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Block(NamedTuple):
    """A fenced block of code."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file named in the block's first line, if it names one."""
        found = re.match(r"# (\S+\.(?:py|toml))\n", self.text)
        return found[1] if found else None


class Page:
    """A page of Markdown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.blocks = [
            Block(language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
            for indent, language, text in re.findall(
                r"^( *)```(\w*)\n(.*?)^\1```$", self.text, re.DOTALL | re.MULTILINE
            )
        ]

    @cached_property
    def files(self) -> dict[str, str]:
        """The Python files that the page shows."""
        return {block.file: block.text for block in self.blocks if block.language == "python" and block.file}

    @cached_property
    def tests(self) -> list[str]:
        """The test files among them."""
        return [file for file in self.files if Path(file).name.startswith("test_")]

    @cached_property
    def scripts(self) -> list[str]:
        """Its Python without a file's name, to be run in the page's order."""
        return [block.text for block in self.blocks if block.language == "python" and not block.file]

    @cached_property
    def ini(self) -> list[str]:
        """Its blocks of configuration."""
        return [block.text for block in self.blocks if block.language == "toml"]

    @cached_property
    def commands(self) -> list[list[str]]:
        """Its console lines."""
        return [
            shlex.split(line.removeprefix("$ "))
            for block in self.blocks
            if block.language == "console"
            for line in block.text.splitlines()
        ]

    @cached_property
    def anchors(self) -> set[str]:
        """What a link can lead to within the page."""
        headings = re.findall(r"^#+ (.*)$", self.text, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}

    def block(self, language: str, beginning: str) -> str:
        """The one block of a language that begins with a text.

        Raises:
            ValueError: There is none, or more than one.
        """
        [text] = [
            block.text
            for block in self.blocks
            if block.language == language and block.text.lstrip().startswith(beginning)
        ]
        return text


README = Page(ROOT / "README.md")
DOCS = {path.name: Page(path) for path in sorted((ROOT / "docs").glob("*.md"))}
CONTRIBUTING = Page(ROOT / "CONTRIBUTING.md")
SECURITY = Page(ROOT / "SECURITY.md")
PAGES = [README, *DOCS.values(), CONTRIBUTING, SECURITY]
