"""The line at the bottom of the live view in which values are set while the project runs: `room.value=3` and Enter."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.text import Text

from xmaker import Quantity
from xmaker.errors import message
from xmaker.words import range_words

if TYPE_CHECKING:
    from xmaker.cli.plain import Quiet


class Prompt:
    """Takes keys and makes a line of them. It opens with the first letter, or with `:` where a node has the keys."""

    def __init__(self, front: Quiet) -> None:
        self.front = front
        self.text: str | None = None
        """What has been typed so far; None while nobody types."""
        self._last = ""

    def take(self, key: str) -> bool:
        """Take a key that was pressed; return whether it belongs to this line."""
        if self.text is None:
            return self._open(key)
        if key == "enter":
            self._enter(self.text.strip())
        elif key == "escape" or (key == "backspace" and not self.text):
            self.text = None
        elif key == "backspace":
            self.text = self.text[:-1]
        elif key == "tab" and "=" not in self.text:
            self.text = os.path.commonprefix([f"{name}=" for name in self._matching()]) or self.text  # noqa: RUF071  # names are no paths
        elif key == "up":
            self.text = self._last
        elif key == "space" or len(key) == 1:
            self.text += " " if key == "space" else key
        return True

    def _open(self, key: str) -> bool:
        if key == ":" or (key == "enter" and not self.front.keys_taken):
            self.text = ""
        elif len(key) == 1 and not self.front.keys_taken:
            self.text = key
        return self.text is not None

    def _enter(self, text: str) -> None:
        self._last = text or self._last
        if not text or self.front.set_typed(text):  # else the line stays, to be corrected
            self.text = None

    def _matching(self) -> dict[str, Quantity]:
        known, typed = self.front.runtime.settable(), (self.text or "").partition("=")[0].strip()
        return {name: quantity for name, quantity in known.items() if name.startswith(typed)}

    def line(self) -> Text:
        """Return the line as it looks now: what is typed, and what may be; or how to begin."""
        known = self._matching()
        if self.text is not None:
            hints = ", ".join(f"{name} {range_words(quantity)}".rstrip() for name, quantity in known.items())
            return Text.assemble(("> ", "bold"), self.text, ("▏ ", "bold"), (hints, "dim"), no_wrap=True, overflow="ellipsis")
        examples = [f"{':' * self.front.keys_taken}{name}={_example(quantity)}" for name, quantity in known.items()]
        return Text(message("XM757", "what", example=examples[0]) if examples else "", "dim", no_wrap=True, overflow="ellipsis")


def _example(quantity: Quantity) -> str:
    return {"number": f"{(quantity.low + quantity.high) / 2:g}", "flag": "true"}.get(quantity.kind, quantity.example or "…")
