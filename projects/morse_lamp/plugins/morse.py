"""Makes letters of short and long presses, as a telegraph operator does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import Model, Reading, Seconds, Text, Value, hookimpl

# The International Morse Code, Recommendation ITU-R M.1677-1.
CODE = ".- A -... B -.-. C -.. D . E ..-. F --. G .... H .. I .--- J -.- K .-.. L -- M -. N --- O .--. P --.- Q .-. R ... S - T"
CODE += (
    " ..- U ...- V .-- W -..- X -.-- Y --.. Z .---- 1 ..--- 2 ...-- 3 ....- 4 ..... 5 -.... 6 --... 7 ---.. 8 ----. 9 ----- 0"
)
LETTERS = dict(zip(CODE.split()[::2], CODE.split()[1::2], strict=True))


@dataclass
class Morse(Model):
    """Gives the text so far, each time that the key is let go."""

    use: ClassVar[str] = "morse"
    takes: ClassVar = (Value,)
    gives: ClassVar = Text
    pause: Seconds = 1.0
    """How long the key rests between two letters; three times as long between two words."""
    _text: str = field(init=False, default="", repr=False)
    _signs: str = field(init=False, default="", repr=False)
    """The signs of the letter that is being keyed."""
    _pressed: bool = field(init=False, default=False, repr=False)
    _long: bool = field(init=False, default=False, repr=False)
    _let_go: float = field(init=False, default=0.0, repr=False)

    def run(self, key: Reading) -> Text | None:
        was_pressed, self._pressed = self._pressed, bool(key.values["pressed"])
        now = self.host.moment
        if self._pressed:
            if not was_pressed and self._signs and now - self._let_go >= self.pause:
                self._text += LETTERS.get(self._signs, "?") + (" " if now - self._let_go >= 3 * self.pause else "")
                self._signs = ""
            self._long = bool(key.values["held"])
            return None
        if not was_pressed:
            return None
        self._signs, self._let_go = self._signs + ("-" if self._long else "."), now
        return Text(self._text + LETTERS.get(self._signs, "?"))


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [Morse]
