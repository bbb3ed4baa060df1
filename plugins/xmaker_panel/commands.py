"""What a browser may ask of a run; everything goes back through the event loop."""

from __future__ import annotations

from typing import Any

import msgspec

from xmaker import Runtime, XMakerError
from xmaker_panel.log import error_words

LONGEST_KEY = 16


class Ack(msgspec.Struct, tag_field="type", tag="ack"):
    """The last message has been read."""


class Set(msgspec.Struct, tag_field="type", tag="set"):
    """Have a simulated sensor show something; for as long as a finger is on it, with `held`."""

    name: str
    value: bool | float | str
    held: bool = False


class Do(msgspec.Struct, tag_field="type", tag="do"):
    """Have a node do something, written as in a rule: `lamp.on`."""

    step: str


class Press(msgspec.Struct, tag_field="type", tag="press"):
    """A key, by the name that a `keyboard` gives it."""

    key: str


class Touch(msgspec.Struct, tag_field="type", tag="touch"):
    """One of the buttons that a node wants to be shown."""

    node: str
    button: str


Command = Ack | Set | Do | Press | Touch
Refused = dict[str, Any]
"""Why something could not be done, in words."""

decode = msgspec.json.Decoder(Command).decode


class Commands:
    """Does what one browser asks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._held: dict[str, Any] = {}
        """What a finger is on → what it shows without."""

    def do(self, command: Command) -> Refused | None:
        """Do it; return why it cannot be done."""
        if not self._runtime.workers:
            return None  # it has not begun yet
        try:
            if isinstance(command, Set):
                self._set(command)
            elif isinstance(command, Do):
                self._runtime.do(command.step)
            elif isinstance(command, Press):
                self._runtime.terminal.press(command.key[:LONGEST_KEY])
            elif isinstance(command, Touch):
                self._touch(command)
        except XMakerError as error:
            return error_words(error)
        return None

    def _set(self, command: Set) -> None:
        self._runtime.set(command.name, command.value)
        if command.held:
            self._held[command.name] = False
        else:
            self._held.pop(command.name, None)

    def _touch(self, command: Touch) -> None:
        names, press = self._runtime.terminal.buttons.get(command.node, ((), None))
        if press is not None and command.button in names:
            press(command.button)

    def let_go(self) -> None:
        """The browser is gone: no finger of it is on a button any more."""
        for name, value in self._held.items():
            try:
                self._runtime.set(name, value)
            except XMakerError:
                continue  # the sensor is gone, too
