"""What arrived at the server."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Outcome = Literal["pending", "complete", "cut", "gone", "stopped"]
"""`complete`: all sent; `cut`: by a step; `gone`: the client disconnected; `stopped`: the server did."""


class Headers(dict[str, str]):
    """Header fields by lower-case name; looking up takes any case. Repeated fields are joined by commas."""

    @classmethod
    def parse(cls, lines: list[bytes]) -> Headers:
        """Read the header lines of a request."""
        headers = cls()
        for line in lines:
            name, _, value = line.decode("latin-1").partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        """Return the field's value, or `default`."""
        return super().get(name.lower(), default)

    def accepts(self, encoding: str) -> bool:
        """Whether `accept-encoding` allows this content encoding."""
        for item in str(self.get("accept-encoding", "")).lower().split(","):
            name, _, weight = item.strip().partition(";")
            if name.strip() in {encoding, "*"}:
                return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
        return False


@dataclass(eq=False)
class Request:
    """One request, and how the answer to it went."""

    method: str
    path: str  # with the query
    headers: Headers
    body: bytes
    connection: int  # which connection it came by, counted from 0
    outcome: Outcome = "pending"
    done: threading.Event = field(default_factory=threading.Event, repr=False)

    @cached_property
    def json(self) -> Any:
        """The parsed body, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def prompt(self) -> str:
        """The text of the last message."""
        messages = self.json.get("messages") if isinstance(self.json, dict) else None
        content = messages[-1].get("content") if messages else None
        if isinstance(content, list):
            return "".join(part.get("text", "") for part in content)
        return content or ""

    def finished(self, timeout: float = 5.0) -> Outcome:
        """Wait until the server has finished with this request."""
        if not self.done.wait(timeout):
            raise TimeoutError(f"{self.method} {self.path} is still being answered after {timeout} s")
        return self.outcome
