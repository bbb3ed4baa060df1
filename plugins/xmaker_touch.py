"""Buttons to touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import msgspec

from xmaker import Input, ProjectError, Value, View, hookimpl
from xmaker.values import Kind

LOOK, PATIENCE = 0.2, 5.0
"""Seconds from one look at who shows the buttons to the next, and until we say that nobody does."""


class Touched(Value):
    """A button that was touched."""

    button: str

    fields: ClassVar[Mapping[str, Kind]] = {"button": "text"}
    main: ClassVar[str] = "button"
    momentary: ClassVar[bool] = True


@dataclass
class Touch(Input):
    """Shows buttons and gives the one that is touched: `touch: {buttons: [Start, 停]}`, then `when: touch == "Start"`.
    显示按钮，给出被点的那一个：`touch: {buttons: [Start, 停]}`，然后 `when: touch == "停"`。

    They are in the window of a `screen`. Where there is no window, the keys 1, 2, 3 … of the terminal press them, unless a
    `keyboard` node has those.
    """

    use: ClassVar[str] = "touch"
    gives: ClassVar = Touched
    buttons: Annotated[tuple[str | int, ...], msgspec.Meta(min_length=1, max_length=9)] = ("OK",)
    """What stands on the buttons, one to nine.
    按钮上写什么，一到九个。"""
    _names: tuple[str, ...] = field(init=False, default=(), repr=False)
    _ours: bool = field(init=False, default=False, repr=False)
    _alone: float | None = field(init=False, default=None, repr=False)
    """Since when nobody shows the buttons."""

    def check(self) -> None:
        names = [str(name).strip() for name in self.buttons]
        if "" in names or len(set(names)) < len(names):
            raise ProjectError.of("XM805", node=self.host.name, buttons=", ".join(f"“{name}”" for name in names))

    def open(self) -> None:
        self._names = tuple(str(name) for name in self.buttons)
        self._alone = self.host.now()
        self.host.terminal.buttons[self.host.name] = self._names, self._press

    def _press(self, name: str) -> None:
        """Called by whoever shows the buttons, on a thread of its own."""
        self.host.emit(Touched(name))

    def read(self) -> Touched | None:
        if self.host.terminal.windowed:
            if self._ours:
                self.host.terminal.show(self.host.name, View())
            self._give_keys()
        elif self._ours:
            key = self.host.terminal.key(LOOK)
            number = "123456789".find(key) if key else -1
            return Touched(self._names[number]) if 0 <= number < len(self._names) else None
        if self.host.sleep(self.host.now() + LOOK) and not self.host.terminal.windowed:
            self._take_keys()
        return None

    def _take_keys(self) -> None:
        self._ours = self.host.terminal.take_keys()
        if self._ours:
            names = "  ".join(f"[{number}] {name}" for number, name in enumerate(self._names, 1))
            self.host.terminal.show(self.host.name, View([names]))
        elif self.host.terminal.pressable:
            self._alone = None  # a page in a browser shows them
        elif self._alone is not None and self.host.now() - self._alone > PATIENCE:
            self._alone = None
            self.host.notice("XM945")

    def _give_keys(self) -> None:
        if self._ours:
            self._ours = False
            self.host.terminal.give_keys()

    def close(self) -> None:
        self.host.terminal.buttons.pop(self.host.name, None)
        self._give_keys()


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Touch]
