"""The demonstration: a Groq stream is recorded as it arrives, replayed with no key and no network, and shown.

`make demo` runs it. The server it talks to is the loopback Groq of the tests. `demo.py --keep` only
records, and replaces the committed cassette and snapshot with what it recorded.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

from loopback_groq import AnyReply, LoopbackGroq, Request, Sleep, Step, Wait, stream  # noqa: E402

TEST = Path("demo/test_books.py")
CASSETTE = Path("cassettes/demo/test_books/test_recommends_a_book.yaml")
SNAPSHOT = Path("demo/__snapshots__/test_books.ambr")
PROMPT = "Recommend a fantasy book"
OTHER_PROMPT = "Recommend a science fiction book"
REASONING = "User wants a fantasy book. Suggest Earthsea."
ANSWER = "Try A Wizard of Earthsea by Ursula K. Le Guin: a boy, his shadow, and the true names of things."
THOUGHTS = re.findall(r"\s*\S+", REASONING)
PIECES = re.findall(r"\s*\S+", ANSWER)
DELAY = 0.03  # seconds from one chunk to the next
LONGEST_WAIT = 10.0  # seconds until a chunk that was not printed counts as lost


class NotAsItShouldBeError(Exception):
    """A step of the demonstration went wrong."""


def fail(problem: str, output: str = "") -> NoReturn:
    """Stop: a step went wrong."""
    raise NotAsItShouldBeError("\n".join([problem, *indented(output)]))


# What is shown


def show(*lines: str) -> None:
    """Print lines."""
    print(*lines, sep="\n", flush=True)


def indented(text: str) -> list[str]:
    """The lines of a text, set off from what the demonstration itself prints."""
    return [f"  | {line}".rstrip() for line in text.strip("\n").splitlines()]


def cut(lines: list[str]) -> list[str]:
    """Lines that may be very long, cut to the terminal's width."""
    width = max(shutil.get_terminal_size().columns, 60)
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def title(number: int, text: str) -> None:
    """Print what comes next."""
    show("", f"{number}. {text}", "")


# The little project, and pytest in it


def little_project(folder: Path) -> None:
    """Make a project that holds the test, and nothing else."""
    (folder / TEST).parent.mkdir(parents=True)
    shutil.copyfile(ROOT / TEST, folder / TEST)
    # pytest-asyncio, where it is installed, would warn of a setting that this project does not need.
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:asyncio\n")


def start_pytest(folder: Path, *args: str, server: LoopbackGroq | None = None) -> subprocess.Popen[bytes]:
    """Start pytest in a process of its own: with a server and its key, or with no key and no network."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GROQ_", "PYTEST_"))}
    # Hypothesis's plugin has nothing to do here, and takes a while to find that out.
    addopts = "-p no:cacheprovider -p no:hypothesispytest"
    env |= {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": addopts}
    if server is not None:
        env |= {"GROQ_BASE_URL": server.base_url, "GROQ_API_KEY": str(server.api_key)}
    else:
        paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
        env |= {"PYTEST_PLUGINS": "offline", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-m", "pytest", "-q", *args, str(TEST)]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def output_of(process: subprocess.Popen[bytes]) -> str:
    """Wait for a process, and return its output."""
    return process.communicate(timeout=60)[0].decode("utf-8", "replace")


# The steps


class Answer:
    """The server's answer: reasoning, then text, each piece held back until the one before is printed."""

    def __init__(self) -> None:
        self.started = 0.0
        self.seen = [threading.Event() for _ in PIECES]

    def __call__(self, _: Request) -> AnyReply:
        """Answer a request. Its events: one with the role, the reasoning, the text, and the end."""
        self.started = time.perf_counter()
        first = 1 + len(THOUGHTS)  # the event of the first piece of text
        holds: dict[int, list[Step]] = {number: [Sleep(DELAY)] for number in range(1, first + 1)}
        for number, gate in enumerate(self.seen, first + 1):
            holds[number] = [Wait(gate, LONGEST_WAIT), Sleep(DELAY)]
        return stream(PIECES, reasoning=THOUGHTS, gates=holds)


def record(folder: Path, server: LoopbackGroq) -> None:
    """Record the test, and watch its chunks arrive."""
    answer = Answer()
    server.reply(answer)
    process = start_pytest(folder, "-s", "--groq-record=once", "--snapshot-update", server=server)
    output, seen, text = b"", 0, ""
    with process:
        assert process.stdout is not None
        # As it comes: a read gives what is there, and waits for no more.
        while data := os.read(process.stdout.fileno(), 65536):
            output += data
            while seen < len(PIECES) and f"{text}{PIECES[seen]}".encode() in output:
                show(f"  {(time.perf_counter() - answer.started) * 1000:5.0f} ms  {PIECES[seen]!r}")
                text += PIECES[seen]
                answer.seen[seen].set()
                seen += 1
    printed = output.decode("utf-8", "replace")
    if any("gate" in problem for problem in server.problems):
        fail(f"Chunk {seen + 1} was not printed when it was sent: something holds the stream back.", printed)
    if process.returncode or seen < len(PIECES):
        fail("The recording run did not pass.", printed)
    if server.problems or len(server.requests) != 1:
        fail(f"The server saw {len(server.requests)} requests, and these problems: {server.problems}")
    show("", *indented(printed.partition(text)[2]))
    show(
        "",
        f"{len(THOUGHTS)} chunks of reasoning (not printed by the test), then {len(PIECES)} chunks of text,",
    )
    show("each sent only after the one before it had been printed.")


def check_files(folder: Path, key: str) -> None:
    """See that the cassette and the snapshot are there, and that no file holds the key."""
    from groqtape import load

    for path in (CASSETTE, SNAPSHOT):
        if not (folder / path).is_file():
            fail(f"There is no {path}.")
    for path in folder.rglob("*"):
        if path.is_file() and key.encode() in path.read_bytes():
            fail(f"The key stands in {path.relative_to(folder)}.")
    recorded = [(stream.reasoning, stream.content) for stream in load(folder / CASSETTE)]
    if recorded != [(REASONING, ANSWER)]:
        fail(f"The cassette holds {recorded!r}.")


def check_stopped(server: LoopbackGroq) -> None:
    """See that the server has stopped listening."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=1):
        fail("The server still listens.")


def check_same_snapshot(folder: Path) -> None:
    """See that recording the same answer again gave the committed snapshot."""
    kept = ROOT / SNAPSHOT
    if not kept.is_file() or kept.read_bytes() != (folder / SNAPSHOT).read_bytes():
        fail(f"The snapshot is not the one in {SNAPSHOT}:", (folder / SNAPSHOT).read_text("utf-8"))


def check_passed(process: subprocess.Popen[bytes]) -> str:
    """Wait for pytest, which should pass, and return its output."""
    output = output_of(process)
    if process.returncode or "1 passed" not in output or "1 snapshot passed" not in output:
        fail("The replay did not pass.", output)
    return output


def check_missed(process: subprocess.Popen[bytes]) -> str:
    """Wait for pytest, which should fail naming the field that differs, and return the failure's text."""
    output = output_of(process)
    field = f'messages[0].content: recorded "{PROMPT}" / now "{OTHER_PROMPT}"'
    if process.returncode != 1 or field not in output or "NetworkUsedError" in output:
        fail(f"Expected a failure that says {field}.", output)
    return re.split(r"-+ groqtape -+", output.partition("= FAILURES =")[2].partition("\n")[2])[0]


def run_steps(folder: Path, *, keep: bool) -> None:
    """Go through the steps: all of them, or those up to keeping what was recorded.

    Raises:
        NotAsItShouldBeError: A step went wrong.
    """
    little_project(folder)
    with LoopbackGroq() as server:
        title(1, f"A loopback Groq stands in for the real one, at {server.base_url}. The test:")
        show(*indented((folder / TEST).read_text("utf-8").partition("\n\n\n")[2]))
        title(2, "Record, while the chunks arrive: pytest -q -s --groq-record=once --snapshot-update")
        record(folder, server)
    check_files(folder, str(server.api_key))
    check_stopped(server)
    if keep:
        for path in (CASSETTE, SNAPSHOT):
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / path, ROOT / path)
            show("", f"Kept: {path}")
        return
    check_same_snapshot(folder)
    before = {path: (folder / path).read_bytes() for path in (CASSETTE, SNAPSHOT)}

    changed = folder.with_name("changed")
    shutil.copytree(folder, changed)
    test = (changed / TEST).read_text("utf-8")
    (changed / TEST).write_text(test.replace(PROMPT, OTHER_PROMPT), "utf-8")
    with start_pytest(folder) as replay, start_pytest(changed) as miss, start_pytest(ROOT) as kept:
        # These runs are independent of one another, so they run at the same time.
        title(3, "The server is stopped. Replay, with no key and no network: pytest -q")
        show(*indented(check_passed(replay)))
        title(4, f"The cassette (its longest lines cut here): {CASSETTE}")
        show(*cut(indented((folder / CASSETTE).read_text("utf-8"))))
        title(5, f"The snapshot: {SNAPSHOT}")
        show(*indented((folder / SNAPSHOT).read_text("utf-8")))
        title(6, f'The prompt becomes "{OTHER_PROMPT}", and pytest -q fails:')
        show(*indented(check_missed(miss)))
        title(7, "The committed cassette replays too: pytest -q demo/test_books.py")
        show(*indented(check_passed(kept)))
    for path, data in before.items():
        if not all((project / path).read_bytes() == data for project in (folder, changed)):
            fail(f"Replaying changed {path}.")


def main() -> int:
    """Run the demonstration; 0 if every step was as it should be, else 1."""
    started = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="groqtape-demo-") as folder:
            run_steps(Path(folder) / "books", keep="--keep" in sys.argv[1:])
    except NotAsItShouldBeError as error:
        print(f"\nNot as it should be: {error}", file=sys.stderr)
        return 1
    show("", f"Every step was as it should be ({time.perf_counter() - started:.1f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
