"""A test's node id without what other plugins add to it: such a part is not in every run."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["own_node_id"]


def own_node_id(item: Any) -> str:
    """The node id of a pytest item, without the group of `--dist=loadgroup` and the number of `--count`."""
    node_id: str = item.nodeid
    without_group = f"{getattr(item.parent, 'nodeid', '')}::{item.name}"
    if node_id.startswith(f"{without_group}@"):  # pytest-xdist
        node_id = without_group
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    step = parameters.get("__pytest_repeat_step_number")
    if step is None:
        return node_id
    number = rf"{step + 1}-\d+"  # pytest-repeat
    return re.sub(rf"\[{number}\]\Z|(?<=\[){number}-|-{number}(?=\]\Z)", "", node_id)
