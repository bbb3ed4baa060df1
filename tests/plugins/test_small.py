"""Console, screen and timer."""

from __future__ import annotations

import io

from xmaker import View
from xmaker.terminal import Terminal


def test_a_plain_terminal_prints_what_a_screen_newly_says() -> None:
    out = io.StringIO()
    terminal = Terminal(out)
    for text in (["Hello"], ["Hello"], ["Hello", "Cat"], []):
        terminal.show("screen", View(text))
    assert out.getvalue() == "screen: Hello\nscreen: Cat\n"
