"""What the pins of each board can do: facts, in one place, so that a wrong pin is found before anything is plugged in."""

from __future__ import annotations

import re
from typing import NamedTuple


class Facts(NamedTuple):
    """Pins by the number that pinpong gives them; the analog pins of an UNO count from 100 there."""

    letters: str
    """What may stand before a pin's number."""
    digital: frozenset[int]
    analog: frozenset[int]
    top: int
    """What an analog pin reads at full voltage."""
    pwm: frozenset[int]
    full: int
    """What pinpong calls full PWM."""
    servo: frozenset[int]
    tone: frozenset[int]
    dht: frozenset[int]


def _pins(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


_MICROBIT = _pins(*range(12), 13, 14, 15, 16, 19, 20)
_M10_PWM = _pins(0, 2, 3, 8, 9, 10, 16, 20, 21, 22, 23, 26)
_UNO_DIGITAL, _UNO_ANALOG = _pins(*range(2, 14)), _pins(*range(100, 106))

BOARDS = {
    "unihiker": Facts(
        letters="PDA",
        digital=_pins(*range(30)),
        analog=_pins(0, 1, 2, 3, 4, 10, 21, 22, 29),
        top=4095,
        pwm=_M10_PWM,
        full=1024,
        servo=_M10_PWM,
        tone=_M10_PWM,
        dht=_pins(*range(30)),
    ),
    "uno": Facts(  # without D0 and D1: they are its line to the computer
        letters="DA",
        digital=_UNO_DIGITAL | _UNO_ANALOG,
        analog=_UNO_ANALOG,
        top=1023,
        pwm=_pins(3, 5, 6, 9, 10, 11),
        full=255,
        servo=_UNO_DIGITAL | {100, 101},
        tone=_UNO_DIGITAL | _UNO_ANALOG,
        dht=_UNO_DIGITAL,
    ),
    "microbit": Facts(
        letters="P",
        digital=_MICROBIT,
        analog=_pins(0, 1, 2, 3, 4, 10),
        top=1023,
        pwm=_pins(1, 2, 4, 5, 6, 7, 8, 11, 13, 14, 15, 16),
        full=1023,
        servo=_MICROBIT - {3, 4, 6, 7, 9, 10},
        tone=_MICROBIT - {19, 20},
        dht=_MICROBIT - {3, 4, 6, 7, 9, 10, 19, 20},
    ),
    "handpy": Facts(
        letters="P",
        digital=_MICROBIT,
        analog=_pins(0, 1, 2, 3, 4, 10),
        top=4095,
        pwm=_pins(0, 1, 5, 6, 7, 8, 9, 11, 13, 14, 15),
        full=1023,
        servo=_MICROBIT - {2, 3, 4, 10, 16, 19, 20},
        tone=_MICROBIT - {2, 3, 4, 10, 20},
        dht=_MICROBIT - {2, 3, 4, 10, 20},
    ),
}

OWN_PARTS = {
    ("output", ""): 25,
    ("output", "LED"): 25,
    ("input", ""): 27,
    ("input", "A"): 27,
    ("input", "B"): 28,
    ("light", ""): 29,
    ("light", "LIGHT"): 29,
    ("tone", ""): 26,
    ("tone", "BUZZER"): 26,
    ("accelerometer", ""): -1,
}
"""The parts on a UNIHIKER M10 itself: (role, name) → pin. They sit on pins, too, but for the accelerometer."""


def own_part(role: str, pin: str, board: str) -> int | None:
    """Return the pin of a board's own part, or None when that is no part of the board."""
    return OWN_PARTS.get((role, pin.upper())) if board == "unihiker" else None


def number(pin: str, board: str) -> int | None:
    """Return pinpong's number of a pin, or None when the board has none of this name."""
    found, facts = re.fullmatch(r"([A-Z]?)([0-9]{1,2})", pin.upper()), BOARDS[board]
    if not found or found[1] not in ("", *facts.letters):
        return None
    count = int(found[2])
    if board == "uno" and (found[1] == "A" or count > 13):
        count = 100 + count if found[1] == "A" else -1
    return count if count in facts.digital else None


def problem(role: str, pin: str, board: str) -> str:
    """Return "", or the code of the message that says why this pin cannot do this."""
    if own_part(role, pin, board) is not None:
        return ""
    if pin == "" or role == "accelerometer":
        return "XM634"
    facts, found = BOARDS[board], number(pin, board)
    if found is None:
        return "XM631"
    able = {"analog": facts.analog, "light": facts.analog, "servo": facts.servo, "tone": facts.tone, "dht": facts.dht}
    if found in able.get(role, facts.digital):
        return ""
    return "XM632" if role in ("analog", "light") else "XM633"
