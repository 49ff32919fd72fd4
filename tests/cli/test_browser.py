"""The page of `groqtape report` in Chromium: it asks for nothing, has no complaint, and fits its window."""

from __future__ import annotations

import json
import re
import subprocess
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import pytest
from cli.cassettes import ANSWER, events, stream, write
from cli.chromium import CHROMIUM, FLAGS, needs_chromium
from cli.test_report import HOSTILE, STREAMS, hostile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

pytestmark = needs_chromium

DUMP = [*FLAGS, "--hide-scrollbars", "--enable-logging=stderr", "--log-level=0", "--dump-dom"]
LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"

MEASURE = """<script>
const box = e => e.getBoundingClientRect();
const collides = svg => {
  const boxes = [...svg.querySelectorAll("text")].map(box);
  return boxes.some((b, i) => i && b.left < boxes[i - 1].right + 2) || boxes.some(b => b.right > innerWidth);
};
top.document.title = JSON.stringify({
  width: innerWidth,
  wider: document.documentElement.scrollWidth - innerWidth,
  narrowest: Math.min(...[...document.querySelectorAll("svg[role]")].map(e => box(e).width)),
  heights: [...new Set([...document.querySelectorAll("svg[role]")].map(e => box(e).height))],
  collisions: [...document.querySelectorAll("svg.axis")].filter(collides).length,
  rows: [...document.querySelectorAll("tbody tr")].filter(e => box(e).width > innerWidth).length,
  ground: getComputedStyle(document.body).backgroundColor,
});
</script>"""


def opened(page: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Open a page; what it became is on standard output."""
    command = [str(CHROMIUM), *DUMP, *flags, f"--user-data-dir={page.parent / 'profile'}", page.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, encoding="utf-8")
    assert ran.returncode == 0
    return ran


@pytest.fixture
def page(run: Callable[..., Ran], project: Path) -> Path:
    """A page with every kind of stream, hostile ones, long words and many marks on an axis."""
    write(project / "cassettes/hostile.yaml", *hostile(HOSTILE))
    write(project / f"cassettes/{'long_' * 30}.yaml", stream(events(["w" * 400, f" {ANSWER}"])))
    for end in (950.0, 1190.0, 59_000.0, 3_600_000.0):
        parts = events()
        times = [end * (number + 1) / len(parts) for number in range(len(parts))]
        write(project / f"cassettes/until_{end:.0f}.yaml", stream(parts, times=times))
    assert run("report", "-o", "page.html").code == 0
    return project / "page.html"


def test_it_asks_for_nothing_and_has_no_complaint(page: Path) -> None:
    ran = opened(page)
    drawn, written = (text.count('<svg role="img"') for text in (ran.stdout, page.read_text("utf-8")))
    assert drawn == written > STREAMS
    assert "CONSOLE" not in ran.stderr
    assert "<script" not in ran.stdout


def test_it_fits_its_window_in_both_themes(page: Path) -> None:
    text = page.read_text("utf-8")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', text)
    assert policy is not None
    # A script of ours measures the page, in a frame, since no window of Chromium is as narrow as a phone.
    text = escape(text.replace(policy[0], "").replace("</body>", f"{MEASURE}</body>"))
    grounds = set()
    for width, theme in ((1280, LIGHT), (390, DARK)):
        page.write_text(f'<title></title><iframe width="{width}" height="900" srcdoc="{text}">', "utf-8")
        title = re.search(r"<title>(.+?)</title>", opened(page, theme).stdout)
        assert title is not None
        found: dict[str, Any] = json.loads(unescape(title[1]))
        grounds.add(found.pop("ground"))
        assert found.pop("narrowest") > 0.7 * min(width, 1000)
        assert found == {"width": width, "wider": 0, "heights": [120], "collisions": 0, "rows": 0}
    assert len(grounds) == 2
