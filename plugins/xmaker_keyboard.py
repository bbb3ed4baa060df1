"""Keys pressed in the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import Input, Key, hookimpl


@dataclass
class Keyboard(Input):
    """Gives each key that is pressed in the terminal: `when: keyboard == "space"`.
    终端里按下的每个键：`when: keyboard == "space"`。
    """

    use: ClassVar[str] = "keyboard"
    gives: ClassVar = Key
    _ours: bool = field(init=False, default=False, repr=False)

    def open(self) -> None:
        self._ours = self.host.terminal.take_keys()
        if not self._ours:
            self.host.notice("XM903")

    def read(self) -> Key | None:
        if not self._ours:
            self.host.sleep(self.host.now() + 3600)
            return None
        key = self.host.terminal.key(0.2)
        return Key(key) if key else None

    def close(self) -> None:
        if self._ours:
            self.host.terminal.give_keys()


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Keyboard]
