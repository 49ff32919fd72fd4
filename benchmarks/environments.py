"""The environments: one for each tool, so that their plugins don't meet, with one SDK and pytest in all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contender import WORKING_TREE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.contender import Contender

__all__ = ["ROOT", "clean", "install"]

ROOT = Path(__file__).resolve().parent.parent
_CONSTRAINTS = ROOT / "requirements" / "dev.txt"
_IN_ALL = ("groq", "pytest", "pytest-xdist")
# Variables that would make one machine's figures another machine's puzzle: Python's and pytest's switches
# (with PYTHONDONTWRITEBYTECODE every run would compile anew), keys, proxies and certificates.
_DROPPED = ("PYTHON", "PYTEST_", "COVERAGE", "GROQ_", "SSL_CERT_", "REQUESTS_CA_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def clean() -> dict[str, str]:
    """This process's environment variables, without those that change what is measured."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_DROPPED) and name.lower() not in _PROXIES
    }


def install(contender: Contender) -> Path:
    """Make a contender's environment, if it is not there as it should be; gives its interpreter."""
    folder = ROOT / f".venv-bench-{contender.environment}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / ".ready"
    wanted = _wanted(contender)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {folder.name}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    if WORKING_TREE in contender.installs:
        _pip(python, ["hatchling"])
    _pip(python, ["--no-build-isolation", *_IN_ALL, *contender.installs])
    # Written last: an installation that broke off is begun again.
    stamp.write_text(wanted)
    return python


def _pip(python: Path, arguments: Iterable[str]) -> None:
    quiet = ["--quiet", "--disable-pip-version-check"]
    command = [python, "-m", "pip", "install", *quiet, "--constraint", _CONSTRAINTS, *arguments]
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def _wanted(contender: Contender) -> str:
    """What an environment is made of, as a hash: when it changes, the environment is made anew."""
    digest = hashlib.sha256(f"{sys.version}{_IN_ALL}{contender.installs}".encode())
    files = [_CONSTRAINTS]
    if WORKING_TREE in contender.installs:
        files += [ROOT / "pyproject.toml", *sorted((ROOT / "src").rglob("*.py"))]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
