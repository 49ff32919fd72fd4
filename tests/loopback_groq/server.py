"""The server: a socket, a thread for each connection, and the script it answers from."""

from __future__ import annotations

import contextlib
import os
import random
import selectors
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from . import identities
from .rendering import Action, Rendered, render
from .replies import AnyReply, Reply, broken, nothing_scripted, unauthorized
from .request import Headers, Outcome, Request
from .steps import Cut, Note, Reset, Sleep, Stall, Wait

if TYPE_CHECKING:
    from types import TracebackType

# Seconds between two checks whether the client of a waiting connection has disconnected or the server stops.
# Gates do not wait for them.
_POLL = 0.01
_LINGER_NOT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)

Predicate = str | Callable[[Request], bool]


class _Over(Exception):  # noqa: N818 - not an error
    """The connection ends here."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass
class _Rule:
    predicate: Predicate
    replies: deque[AnyReply]

    def matches(self, request: Request) -> bool:
        if isinstance(self.predicate, str):
            return self.predicate in request.prompt
        return self.predicate(request)


class LoopbackGroq:
    """A scriptable HTTP/1.1 server on 127.0.0.1 that answers as Groq does.

    Args:
        api_key: The key that requests have to send: by default a new one; None accepts any.

    Attributes:
        requests: What arrived, in order.
        problems: What went wrong in the script itself: a gate that was not opened, a reply that raised.
        default: The reply when no rule matches and the queue is empty.
    """

    api_key: str | None
    default: AnyReply

    def __init__(self, *, api_key: str | None = "fresh") -> None:
        self.api_key = identities.api_key(random.Random()) if api_key == "fresh" else api_key
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.default = nothing_scripted
        self.port = 0
        self._queue: deque[AnyReply] = deque()
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._acceptor: threading.Thread | None = None
        self._wake: socket.socket | None = None
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._accepted = 0

    # The script.

    def reply(self, *replies: AnyReply) -> None:
        """Queue replies: each answers one request, in order of arrival."""
        with self._lock:
            self._queue.extend(replies)

    def on(self, predicate: Predicate, *replies: AnyReply) -> None:
        """Answer matching requests with these replies, the last one again and again. The first rule wins.

        A string matches a request whose last message has it in its text. Rules go before the queue.
        """
        if not replies:
            raise ValueError("a rule needs a reply")
        with self._lock:
            self._rules.append(_Rule(predicate, deque(replies)))

    @property
    def pending(self) -> int:
        """How many queued replies have not been requested yet."""
        with self._lock:
            return len(self._queue)

    def clear(self) -> None:
        """Forget the requests, the problems and the whole script."""
        with self._lock:
            self.requests.clear()
            self.problems.clear()
            self._queue.clear()
            self._rules.clear()
            self.default = nothing_scripted

    # Where it is.

    @property
    def host(self) -> str:
        """The address, as in a `host` header."""
        return f"127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What to give a client as its base URL (any path may follow)."""
        return f"http://{self.host}"

    # Its life.

    def start(self) -> Self:
        """Listen on a port of the system's choice, and answer from now on."""
        if self._acceptor is not None:
            raise RuntimeError("the server runs already")
        self._stopping.clear()
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = listener.getsockname()[1]
        self._wake, woken = socket.socketpair()
        self._acceptor = threading.Thread(
            target=self._accept, args=(listener, woken), name="loopback-groq", daemon=True
        )
        self._acceptor.start()
        return self

    def stop(self) -> None:
        """End every connection, held or not, and every thread. Connecting is refused afterwards."""
        if self._acceptor is None or self._wake is None:
            return
        self._stopping.set()
        self._wake.send(b".")
        self._acceptor.join()
        self._wake.close()
        self._acceptor = self._wake = None
        with self._lock:
            for connection in self._sockets:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5)
        self._threads.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Connections.

    def _accept(self, listener: socket.socket, woken: socket.socket) -> None:
        with listener, woken, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while selector.select() and not self._stopping.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:  # it disconnected before it was accepted
                    continue
                thread = threading.Thread(
                    target=self._serve,
                    args=(connection, self._accepted),
                    name=f"loopback-groq-{self._accepted}",
                    daemon=True,
                )
                self._accepted += 1
                with self._lock:
                    self._sockets.add(connection)
                self._threads = [*(each for each in self._threads if each.is_alive()), thread]
                thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in _requests(connection, number):
                if not self._answer(connection, request):
                    break
        except (OSError, ValueError):
            pass  # the client has gone, or does not speak HTTP, or the server is stopping
        finally:
            with self._lock:
                self._sockets.discard(connection)
                connection.close()

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        """Answer one request; return whether the connection stays open."""
        outcome: Outcome = "gone"
        try:
            rendered = self._chosen(request)
            self._perform(connection, rendered.actions)
            outcome = "complete"
        except _Over as over:
            outcome = over.outcome
            return False
        else:
            return rendered.keep_alive
        finally:
            request.outcome = "stopped" if outcome == "gone" and self._stopping.is_set() else outcome
            request.done.set()

    def _chosen(self, request: Request) -> Rendered:
        """The reply to this request; chosen under the lock, for what arrives first gets the first reply."""
        try:
            with self._lock:
                self.requests.append(request)
                reply = self._next(request)
            while not isinstance(reply, Reply):
                reply = reply(request)
            return render(reply, request)
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            problem = f"the script failed for {request.method} {request.path}: {failure}"
            self.problems.append(problem)
            return render(broken(problem), request)

    def _next(self, request: Request) -> AnyReply:
        if self.api_key is not None and request.headers.get("authorization") != f"Bearer {self.api_key}":
            return unauthorized()
        for rule in self._rules:
            if rule.matches(request):
                return rule.replies.popleft() if len(rule.replies) > 1 else rule.replies[0]
        return self._queue.popleft() if self._queue else self.default

    def _perform(self, connection: socket.socket, actions: Iterable[Action]) -> None:
        due = time.perf_counter()
        for action in actions:
            if isinstance(action, bytes):
                connection.sendall(action)
            elif isinstance(action, Sleep):
                due += action.seconds
                remaining = due - time.perf_counter()
                if remaining > 0 and self._stopping.wait(remaining):
                    raise _Over("stopped")
            elif isinstance(action, Wait):
                self._hold(connection, action)
                due = time.perf_counter()
            elif isinstance(action, Note):
                action.event.set()
            elif isinstance(action, Stall):
                self._stall(connection)
            elif isinstance(action, Reset):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
                raise _Over("cut")
            elif isinstance(action, Cut):
                connection.shutdown(socket.SHUT_WR)
                raise _Over("cut")

    def _hold(self, connection: socket.socket, wait: Wait) -> None:
        deadline = time.perf_counter() + wait.timeout
        while not wait.gate.wait(_POLL):
            if self._stopping.is_set():
                raise _Over("stopped")
            if _left(connection):
                raise _Over("gone")
            if time.perf_counter() > deadline:
                self.problems.append(f"a gate was not opened in {wait.timeout} s")
                raise _Over("cut")

    def _stall(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass  # whatever the client sends
        raise _Over("stopped" if self._stopping.is_set() else "gone")


def _left(connection: socket.socket) -> bool:
    """Whether the client has closed the connection."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        try:
            return bool(selector.select(0)) and not connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True


def _requests(connection: socket.socket, number: int) -> Iterator[Request]:
    """The requests of one connection, until the client ends it."""
    reader = _Reader(connection)
    while (head := reader.until(b"\r\n\r\n")) is not None:
        first, *lines = head.split(b"\r\n")
        method, path, _ = first.decode("latin-1").split(" ", 2)
        headers = Headers.parse(lines)
        if str(headers.get("expect", "")).lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if str(headers.get("transfer-encoding", "")).lower() == "chunked":
            body = b"".join(reader.chunks())
        else:
            body = reader.exactly(int(headers.get("content-length", 0)))
        yield Request(method, path, headers, body, number)


class _Reader:
    """Reads HTTP's pieces off a socket; raises `ConnectionError` if it ends within one."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def until(self, end: bytes) -> bytes | None:
        """What comes before `end`, or None if there is nothing more."""
        while (at := self._buffer.find(end)) < 0:
            if not self._more():
                if self._buffer:
                    raise ConnectionError("the client disconnected within a request")
                return None
        return self._take(at + len(end))[:at]

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self._buffer) < size:
            if not self._more():
                raise ConnectionError("the client disconnected within a request")
        return self._take(size)

    def chunks(self) -> Iterator[bytes]:
        """The chunks of a chunked body."""
        while (line := self.until(b"\r\n")) is not None:
            size = int(line.partition(b";")[0], 16)
            chunk = self.exactly(size + 2)[:size]
            if not size:
                return
            yield chunk

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _more(self) -> bool:
        received = self._connection.recv(65536)
        self._buffer += received
        return bool(received)
