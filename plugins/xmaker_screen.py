"""A screen: text, the picture, and what the models say of it. Here it is a part of the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import Event, Frame, Label, Output, Value, View, action, hookimpl


@dataclass
class Screen(Output):
    """Shows lines of text, and whatever comes along its wires: `screen: {from: [camera, pet]}`."""

    use: ClassVar[str] = "screen"
    takes: ClassVar = (Value,)
    lines: int = 3
    """How many lines of text stay."""
    _view: View = field(init=False, repr=False)

    def open(self) -> None:
        self._view = View()

    def receive(self, event: Event) -> None:
        if isinstance(event.value, Frame):
            self._view.frame = event.value
        elif isinstance(event.value, Label):
            self._view.bars = event.value.top or ((event.value.label, event.value.score),)
        else:
            self._view.values = {**self._view.values, event.node: event.value}
        self.host.terminal.show(self.host.name, self._view)

    @action
    def write(self, text: str) -> None:
        """Show a line of text under the ones before."""
        self._view.text = [*self._view.text, text][-max(1, self.lines) :]
        self.host.terminal.show(self.host.name, self._view)

    @action(level=True)
    def clear(self) -> None:
        """Take all text away."""
        self._view.text = []
        self.host.terminal.show(self.host.name, self._view)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Screen]
