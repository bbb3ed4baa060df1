"""Prints lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xmaker import Output, action, hookimpl


@dataclass
class Console(Output):
    """Prints text on the terminal, one line at a time.
    在终端里打印文字，一次一行。
    """

    use: ClassVar[str] = "console"

    @action
    def print(self, text: str) -> None:
        """Print a line.
        打印一行。"""
        self.host.terminal.write(text, self.host.name)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Console]
