"""A refusal names the lines of the user's own code that called."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from pathlib import Path
from typing import Any

import pytest

from groqtape.recorder.callers import called_at

HERE = Path(__file__).parent
THIS = f"{Path(__file__).name}:"


def app(word: str = "called at", here: str | None = str(HERE)) -> list[str]:
    return called_at(here, word)


def functions(lines: list[str]) -> list[str]:
    """The names of the functions in the lines."""
    return [line.rpartition(" ")[2] for line in lines]


def through(file: str, module: str = "app") -> list[str]:
    """The lines if a function in a file calls `app`."""
    names: dict[str, Any] = {"app": app, "__name__": module}
    exec(compile("def function(): return app()", file, "exec"), names)
    lines: list[str] = names["function"]()
    return lines


def test_innermost_first_in_one_column() -> None:
    lines = app()

    number = app.__code__.co_firstlineno + 1
    assert lines[0] == f"  called at {THIS}{number} in app"
    assert lines[1].startswith(f"       from {THIS}")
    assert functions(lines) == ["app", "test_innermost_first_in_one_column"]
    assert app("read at")[1].startswith("     from ")
    assert app(here=None)[0].startswith(f"  called at {__file__}:")


def test_only_so_many_and_always_the_test() -> None:
    def deep(levels: int) -> list[str]:
        return deep(levels - 1) if levels else app()

    assert functions(deep(9)) == ["app", "deep", "deep", "test_only_so_many_and_always_the_test"]


@pytest.mark.parametrize(
    ("file", "module", "shown"),
    [
        ("/app/views.py", "views", "/app/views.py:1"),
        ("<doctest guide.md[0]>", "__main__", "<doctest guide.md[0]>:1"),
        ("<string>", "views", None),
        ("<frozen importlib._bootstrap>", "importlib._bootstrap", None),
        ("/venv/lib/python3.12/site-packages/flask/app.py", "flask.app", None),
        (r"C:\venv\Lib\site-packages\flask\app.py", "flask.app", None),
        ("/usr/lib/python3/dist-packages/flask/app.py", "flask.app", None),
        (contextlib.__file__, "contextlib", None),
        (called_at.__code__.co_filename, "groqtape.recorder.callers", None),
        ("/src/groq-python/src/groq/_base_client.py", "groq._base_client", None),
    ],
)
def test_which_files_are_the_user_s(file: str, module: str, shown: str | None) -> None:
    lines = through(file, module)

    assert len(lines) == (4 if shown else 3)
    assert shown is None or lines[1] == f"       from {shown} in function"


@pytest.mark.parametrize("module", ["_pytest.python", "asyncio.runners", "trio._core._run"])
def test_what_started_the_call_did_not_make_it(module: str) -> None:
    assert functions(through("/app/views.py", module)) == ["app"]


def test_in_tasks_and_threads() -> None:
    async def view() -> list[str]:
        await asyncio.sleep(0)
        return app()

    async def main() -> tuple[list[str], list[str]]:
        return await view(), await asyncio.create_task(view())

    assert list(map(functions, asyncio.run(main()))) == [["app", "view", "main"], ["app", "view"]]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert functions(pool.submit(app).result()) == ["app"]
        assert pool.submit(called_at, None).result() == []
