"""cassetter, with its TOML cassettes, which it reads faster."""

from __future__ import annotations

from benchmarks.contenders.cassetter import Cassetter


class CassetterToml(Cassetter):
    """The same tool, where the format matters."""

    name = "cassetter (TOML)"
    suffix = ".toml"
    only = frozenset({"open", "replay-many", "bytes-long", "bytes-short"})


CONTENDER = CassetterToml()
