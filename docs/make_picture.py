"""Writes docs/cat_dog.svg: what a terminal of 80 by 25 shows while the project cat_dog runs, five seconds after its start.

Run it after a change of the live view, on a computer without a camera: `python docs/make_picture.py`.
"""

from __future__ import annotations

import io
import os
import re
import threading
from pathlib import Path

from rich.console import Console
from rich.text import Text

from xmaker import Project
from xmaker.cli.gallery import gallery
from xmaker.cli.live import LiveView

DOCS = Path(__file__).resolve().parent
SECONDS = 5.0


class Photographer(LiveView):
    """Keeps what scrolls by above the view, and takes a picture of both."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80, height=25)
        self.lines: list[Text] = []
        self.picture = ""

    def _print(self, line: str, style: str) -> None:
        self.lines.append(Text(line, style))

    def shoot(self) -> None:
        paper = Console(record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
        paper.print("$ xmaker run cat_dog", *self.lines, self.render(), sep="\n")
        self.picture = paper.export_svg(title="xmaker run cat_dog", unique_id="cat_dog")


def main() -> None:
    os.environ |= {"XMAKER_SCREEN": "terminal", "LC_ALL": "C.UTF-8"}
    photographer = Photographer(Project.load(gallery() / "cat_dog"))
    threading.Timer(SECONDS, photographer.shoot).start()
    photographer.play(SECONDS + 1)
    fonts = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # they would be fetched from elsewhere
    svg = fonts.sub("", photographer.picture).replace("Fira Code, monospace", "monospace")
    (DOCS / "cat_dog.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
