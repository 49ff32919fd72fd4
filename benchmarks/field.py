"""The parts of a run: contenders, workers, cassettes and suites, each made when it is first used."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks import suites
from benchmarks.contenders import contenders
from benchmarks.environments import install
from benchmarks.processes import FailedError, Process, run_measured, serve, work
from benchmarks.streams import body, prompt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.contender import Contender
    from benchmarks.sizes import Sizes

__all__ = ["Field"]


_DIFFERENT = 100
"""How many cassettes of a folder differ."""


class Field:
    """The contenders with their workers, cassettes and suites, and the loopback Groq.

    Args:
        sizes: How much is measured.
        folder: Where cassettes and suites are kept during the run.
    """

    def __init__(self, sizes: Sizes, folder: Path) -> None:
        self.sizes = sizes
        self._folder = folder
        self._stack = contextlib.ExitStack()
        self.contenders = {
            name: contender
            for name, contender in contenders().items()
            if sizes.peers or contender.environment == "groqtape"
        }
        self.floor = next(name for name, contender in self.contenders.items() if contender.floor)
        self._pythons = {
            name: install(contender) if sizes.peers else Path(sys.executable)
            for name, contender in self.contenders.items()
        }
        self._workers: dict[str, Process] = {}
        server = self._stack.enter_context(serve())
        where = server.answer()
        self._variables = {"GROQ_BASE_URL": where["base_url"], "GROQ_API_KEY": where["api_key"]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def taking_part(self, key: str) -> list[Contender]:
        """The contenders that take part in a row."""
        return [each for each in self.contenders.values() if each.only is None or key in each.only]

    def versions(self) -> dict[str, str]:
        """What stands in the tables of versions."""
        found: dict[str, str] = {}
        for name in self.contenders:
            found |= self.worker(name).do("versions")
        return found

    # Workers

    def worker(self, name: str) -> Process:
        """A contender's worker, started on first use and kept for the whole run."""
        if name not in self._workers:
            self._workers[name] = self._stack.enter_context(self._work(name))
        return self._workers[name]

    @contextlib.contextmanager
    def fresh_worker(self, name: str) -> Iterator[Process]:
        """A new worker that has replayed one small cassette, so that everything is imported."""
        path = self.cassette(name, 1, self.sizes.short)
        with self._work(name) as worker:
            worker.do("replay", path=str(path), prompts=[prompt(self.sizes.short)], asynchronous=False)
            yield worker

    def _work(self, name: str) -> Process:
        return work(self._pythons[name], name, self._variables)

    # Cassettes

    def new_path(self, name: str, kind: str) -> Path:
        """The path of a contender's cassette."""
        folder = self._folder / "cassettes" / _plain(name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{kind}{self.contenders[name].suffix}"

    def cassette(self, name: str, interactions: int, chunks: int) -> Path:
        """A cassette that a contender recorded, with that many streams of that many chunks."""
        path = self.new_path(name, f"{interactions}-of-{chunks}")
        if not path.exists():
            if self.contenders[name].floor:
                with path.open("wb") as file:
                    for number in range(interactions):
                        file.write(body(chunks, number))
            else:
                prompts = self.prompts(interactions, chunks)
                done = self.worker(name).do("record", path=str(path), prompts=prompts, asynchronous=False)
                self.check(done, interactions * chunks)
        return path

    @staticmethod
    def prompts(interactions: int, chunks: int) -> list[str]:
        """The prompts of a cassette's streams."""
        return [prompt(chunks, number) for number in range(interactions)]

    @staticmethod
    def check(done: dict[str, Any], chunks: int) -> dict[str, Any]:
        """Check that all chunks arrived.

        Raises:
            FailedError: Some did not.
        """
        if done["chunks"] != chunks:
            raise FailedError(f"expected {chunks} chunks, got {done['chunks']}")
        return done

    def folder_of_cassettes(self, count: int, first: int) -> Path:
        """A folder of that many of groqtape's cassettes of one short stream each.

        Their requests are the same whatever is `first`; their answers are not.
        """
        chunks = self.sizes.short
        folder = self._folder / "folders" / f"{count}-from-{first}"
        if not folder.exists():
            folder.mkdir(parents=True)
            texts = []
            for number in range(min(count, _DIFFERENT)):
                path = self.new_path("groqtape", f"of-a-folder-{number + first}")
                if not path.exists():
                    prompts = [prompt(chunks, number + first)]
                    self.worker("groqtape").do("record", path=str(path), prompts=prompts, asynchronous=False)
                words = path.read_text()
                texts.append(words.replace(prompt(chunks, number + first), prompt(chunks, number)))
            for number in range(count):
                (folder / f"{number:05}.yaml").write_text(texts[number % _DIFFERENT])
        return folder

    def run_python(self, *arguments: str, ends_with: int = 0) -> dict[str, float]:
        """Run groqtape's Python."""
        command = [str(self._pythons["groqtape"]), *arguments]
        return run_measured(command, self._folder, self._variables, ends_with=ends_with)

    # Suites

    def suite(self, name: str, tests: int) -> Path:
        """A contender's suite of that many tests, recorded."""
        folders = self._folder / "suites" / _plain(name)
        folder = folders / f"of-{tests}"
        if not folder.exists():
            first = folders / f"first-{min(tests, suites.MODULE)}"
            if not first.exists():
                suites.write(self.contenders[name], first, tests, self.sizes.short)
                if not self.contenders[name].floor:
                    self._pytest(name, first, *self.contenders[name].recording_options)
            suites.multiply(first, folder, tests)
        return folder

    def run_suite(self, name: str, tests: int, workers: int = 1) -> dict[str, float]:
        """Replay a contender's suite in one run of pytest."""
        spread = [f"-n{workers}"] if workers > 1 else []
        return self._pytest(name, self.suite(name, tests), *spread, *self.contenders[name].replaying_options)

    def _pytest(self, name: str, folder: Path, *options: str) -> dict[str, float]:
        if self.contenders[name].floor:
            options = (*options, *self._without_plugins(name, brought_too=True))
        command = [str(self._pythons[name]), "-m", "pytest", "-q", *options]
        return run_measured(command, folder, self._variables)

    def _without_plugins(self, name: str, *, brought_too: bool) -> list[str]:
        """The options that leave out the plugins of an environment's contenders, and those they bring."""
        environment = self.contenders[name].environment
        return [
            f"-pno:{plugin}"
            for contender in self.contenders.values()
            if contender.environment == environment
            for plugin in (*contender.plugins, *(contender.brings if brought_too else ()))
        ]

    def run_unrelated(self, name: str, *, with_plugins: bool) -> dict[str, float]:
        """Run a suite that uses none of the contenders, in a contender's environment."""
        folder = self._folder / "suites" / "unrelated"
        if not folder.exists():
            suites.unrelated(folder, self.sizes.unrelated)
        without = [] if with_plugins else self._without_plugins(name, brought_too=False)
        command = [str(self._pythons[name]), "-m", "pytest", "-q", *without]
        return run_measured(command, folder, self._variables)

    def import_plugin(self, name: str) -> dict[str, float]:
        """Import a contender's plugin in a new interpreter that has imported pytest."""
        module = self.contenders[name].plugin_module
        code = (
            "import json, pathlib, sys, time, pytest; began = time.perf_counter(); "
            f"import {module}; "
            "pathlib.Path(sys.argv[1]).write_text(json.dumps(time.perf_counter() - began))"
        )
        figure = self._folder / "import"
        run_measured([str(self._pythons[name]), "-c", code, str(figure)], self._folder, self._variables)
        return {"seconds": json.loads(figure.read_text())}


def _plain(name: str) -> str:
    """A contender's name as the name of a folder."""
    return re.sub(r"\W+", "-", name).strip("-").lower()
