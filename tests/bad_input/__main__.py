"""Prints every row as a section of Markdown: what is said about it, in English or Chinese."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from xmaker.errors import ProjectError

from . import BAD


def main(language: str) -> None:
    """Print every row as a section of Markdown: what was typed, and what is said."""
    os.environ["LC_ALL"] = {"zh": "zh_CN.UTF-8"}.get(language, "C.UTF-8")
    for bad in BAD:
        with tempfile.TemporaryDirectory() as folder:
            try:
                shown = "\n".join(problem.show() for problem in bad.load(Path(folder)).warnings)
            except ProjectError as error:
                shown = error.show()
        print(f"### {bad.name}\n\n```text\n{shown.replace(folder + os.sep, '')}\n```\n")


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "en")
