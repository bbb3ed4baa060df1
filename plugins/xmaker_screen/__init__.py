"""A screen: text, the picture, and what the models say of it. A window where there is a display, else a part of the terminal.

The window is tkinter's on every board. It comes with Python, while the `unihiker` library never returns without a display
and starts the program anew, and OpenCV's windows are not in the headless build and end the program without a display.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import Event, Frame, Label, Output, ProjectError, Reading, Value, View, action, hookimpl
from xmaker.looks import Scene
from xmaker_screen.display import display_name, on_unihiker
from xmaker_screen.scene import Showing
from xmaker_screen.window import Window


@dataclass
class Screen(Output):
    """Shows lines of text, and whatever comes along its wires: `screen: {from: [camera, pet]}`.
    显示几行文字，和连线送来的一切：`screen: {from: [camera, pet]}`。

    In a window, what a detector found is framed in the picture, and a sensor's numbers are bars between their usual ends. On
    the small display of a UNIHIKER the window fills it. Closing the window does not end the project: the terminal
    takes over.
    """

    use: ClassVar[str] = "screen"
    takes: ClassVar = (Value,)
    lines: int = 3
    """How many lines of text stay.
    保留几行文字。"""
    window: bool | None = None
    """`true`: a window; `false`: the terminal. Without it: a window on a UNIHIKER; elsewhere where there is a display and
    somebody watches the live view, so none beside `--json`, `--quiet`, a pipe, a test or a Python program.
    `XMAKER_SCREEN=terminal` or `XMAKER_SCREEN=window` in the environment overrides it.
    `true`：窗口；`false`：终端。不写：行空板上是窗口；别的电脑上，有显示器并且有人在看实时视图时才开窗口。
    环境变量 `XMAKER_SCREEN` 优先。"""
    _view: View = field(init=False, default_factory=View, repr=False)
    _showing: Showing = field(init=False, default_factory=Showing, repr=False)
    _window: Window | None = field(init=False, default=None, repr=False)

    def check(self) -> None:
        if self.lines < 1:
            raise ProjectError.of("XM842", option="lines", node=self.host.name, limits="≥ 1", value=self.lines)

    def open(self) -> None:
        self._view, self._showing = View(), Showing()
        display, asked = display_name(), self._asked()
        if asked or (asked is None and display and (on_unihiker() or self.host.terminal.watched)):
            self.host.terminal.windowed = True
            self._window = Window(self.host, display, asked is True, self._to_terminal)
            self._window.thread.start()

    def _asked(self) -> bool | None:
        """Return whether the user wants a window; None when nothing is said about it."""
        said = {"terminal": False, "window": True}.get(os.environ.get("XMAKER_SCREEN", "").strip().lower(), self.window)
        return False if said is None and "PYTEST_CURRENT_TEST" in os.environ else said

    def receive(self, event: Event) -> None:
        if isinstance(event.value, Frame):
            self._view.frame = event.value
        elif isinstance(event.value, Label):
            self._view.bars = event.value.top
        else:
            self._view.values = {**self._view.values, event.node: event.value}
        self._showing.take(event, self.host.gives(event.node))
        self._show()

    @action
    def write(self, text: str) -> None:
        """Show a line of text under the ones before.
        在前面的文字下面再显示一行。"""
        self._view.text = [*self._view.text, text][-self.lines :]
        self._show()

    @action
    def gauge(self, name: str, value: float, low: float = 0, high: float = 100, unit: str = "") -> None:
        """Show a number under a name, as a bar from `low` to `high`.
        在名字下面显示一个数，画成从 `low` 到 `high` 的条。"""
        self._view.values = {**self._view.values, name: Reading(value)}
        self._showing.gauge(name, value, low, high, unit)
        self._show()

    @action(level=True)
    def clear(self) -> None:
        """Take all text away.
        清除所有文字。"""
        self._view.text = []
        self._show()

    def _show(self) -> None:
        """Hand over what is to be shown. It costs next to nothing: the window's own thread looks when it has time."""
        window = self._window
        if window is not None:
            window.scene = self._showing.scene(self._view.text)
        else:
            self.host.terminal.show(self.host.name, self._view)

    def looks(self) -> Scene:
        return self._showing.scene(self._view.text)

    def _to_terminal(self) -> None:
        """Go on in the terminal: there is no window, or no longer."""
        self._window = None
        self._show()

    def close(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            window.close()


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Screen]
