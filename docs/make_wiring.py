"""Writes projects/NAME/wiring.svg: how the parts of a project are wired to a Raspberry Pi, from the table in wirings.py.

Run it after a change: `python docs/make_wiring.py`. A test fails when a picture is out of date, or names other pins than the
project. Every wire is a row: its pin of the board on the left, the leg of its part on the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wirings import WIRINGS, Analog, Part

ROOT = Path(__file__).resolve().parent.parent
HEADER = [  # what is on pins 1, 2, 3, … 40 of a Raspberry Pi
    *("3V3", "5V", "GPIO2", "5V", "GPIO3", "GND", "GPIO4", "GPIO14", "GND", "GPIO15"),
    *("GPIO17", "GPIO18", "GPIO27", "GND", "GPIO22", "GPIO23", "3V3", "GPIO24", "GPIO10", "GND"),
    *("GPIO9", "GPIO25", "GPIO11", "GPIO8", "GND", "GPIO7", "GPIO0", "GPIO1", "GPIO5", "GND"),
    *("GPIO6", "GPIO12", "GPIO13", "GND", "GPIO19", "GPIO16", "GPIO26", "GPIO20", "GND", "GPIO21"),
]
ALSO = {"GPIO2": "SDA", "GPIO3": "SCL", "GPIO8": "CE0", "GPIO9": "MISO", "GPIO10": "MOSI", "GPIO11": "SCLK"}
MCP3008 = {"DGND": 20, "CS": 24, "DIN": 19, "DOUT": 21, "CLK": 23, "AGND": 9, "VREF": 0, "VDD": 1}
"""Legs 9 to 16 of the analog-digital converter → the pin of the header; 0 goes where the next one goes."""
POWER, GROUND, CABLE = "#d22f27", "#1d1d1f", "#6b6b73"
SIGNALS = ("#1f6fd1", "#1e8f4e", "#e07b00", "#8a3fc2", "#0a8f9c", "#b8860b")

WIDTH, TOP, ROW = 800, 84, 32
PILL, WIRE, BOX, CHIP, SENSOR = 128, 278, 548, 404, 610
"""Where the pins' names begin, the wires, the parts, the analog-digital converter and what is wired to that."""


STYLE = (
    "text{font:14px sans-serif;fill:#1d1d1f}.s{font-size:12px}.t{font-size:9px;text-anchor:middle}.m{text-anchor:middle}"
    ".e{text-anchor:end}.b{font-weight:bold}.g{fill:#5c5c63}.o{fill:#fff}.p{fill:#fff;stroke:#8d8d95}"
    ".w{fill:none;stroke-width:3.5;stroke-linecap:round;stroke-linejoin:round}"
    ".r{fill:#f0dcb4;stroke:#7a6236}.i{fill:none;stroke:#5c5c63;stroke-width:2}"
)


class Drawing:
    """The lines of one picture."""

    def __init__(self, parts: tuple[Part | Analog, ...]) -> None:
        self.lines: list[str] = []
        self.used: dict[int, str] = {}
        """Pin of the header → colour of its wire."""
        self._signals = iter(SIGNALS)
        self._y = TOP
        for part in parts:
            if isinstance(part, Analog):
                self.analog(part)
            else:
                self.part(part)
            self._y += 20
        if self.used:
            self.header()
        self.bottom = max(self._y, TOP + 20 * 16 + 26 if self.used else 0)

    def add(self, line: str) -> None:
        self.lines.append(line)

    def row(self) -> int:
        self._y += ROW
        return self._y - ROW // 2

    def text(self, x: int, y: int, words: str, kind: str = "") -> None:
        marks = f' class="{kind}"' if kind else ""
        self.add(f'<text x="{x}" y="{y}"{marks}>{words}</text>')

    def wire(self, colour: str, *points: tuple[int, int]) -> None:
        path = " ".join(f"{x},{y}" for x, y in points)
        self.add(f'<polyline class="w" stroke="{colour}" points="{path}"/>')

    def dot(self, colour: str, x: int, y: int) -> None:
        self.add(f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>')

    def box(self, kind: str, x: int, y: int, width: int, height: int, round_by: int = 6) -> None:
        self.add(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_by}"/>')

    def resistor(self, x: int, y: int, ohms: str) -> None:
        self.box("r", x - 30, y - 10, 60, 20, 5)
        self.text(x, y + 4, ohms, "s m")

    def pin(self, number: int) -> tuple[int, str]:
        """Draw a pin's name in the next row; return the row and the colour of its wire."""
        y = self.row()
        name = HEADER[number - 1] if number else "USB"
        colour = {"3V3": POWER, "5V": POWER, "GND": GROUND, "USB": CABLE}.get(name) or next(self._signals)
        if number:
            assert number not in self.used, number
            self.used[number] = colour
        self.box("p", PILL, y - 12, WIRE - PILL, 24, 12)
        self.add(f'<circle cx="{PILL + 13}" cy="{y}" r="12" fill="{colour}"/>')
        self.add(f'<text x="{PILL + 13}" y="{y + 4}" class="s m b o">{number or ""}</text>')
        self.text(PILL + 32, y + 5, name, "b")
        if also := ALSO.get(name):
            self.text(WIRE - 12, y + 4, also, "s e g")
        return y, colour

    def part(self, part: Part) -> None:
        top, join, above = self._y, (0, 0), ""
        for wire in part.wires:
            y, colour = self.pin(wire.pin)
            if wire.joins:
                self.wire(colour, (WIRE, y), (join[0], y))
                self.wire(above, (join[0], y), join)
                self.dot(above, *join)
                self.resistor((WIRE + join[0]) // 2, y, wire.resistor)
                continue
            self.wire(colour, (WIRE, y), (BOX, y))
            if wire.resistor:
                self.resistor(BOX - 80, y, wire.resistor)
            join, above = (BOX - 150, y), colour
            self.text(BOX + 12, y + 5, wire.leg)
        title = self._y + 4
        self.lines.insert(0, f'<rect class="p" x="{BOX}" y="{top - 2}" width="228" height="{title - top + 22}" rx="8"/>')
        self.text(BOX + 12, title + 10, part.name, "b")
        icon = (top + title) // 2 + (9 if len(part.wires) == 1 else 0)
        for shape in ICONS[part.icon]:
            self.add(f'<g class="i" transform="translate({BOX + 184} {icon})">{shape}</g>')
        self._y = title + 22

    def analog(self, sensor: Analog) -> None:
        """Draw the MCP3008 turned round, so that its legs 9 to 16 look at the board."""
        power, red = self.pin(17)
        top, x = self._y, CHIP + 116
        for leg, (name, number) in enumerate(MCP3008.items(), 9):
            if not number:
                y = self.row()
                self.wire(red, (CHIP, y), (CHIP - 34, y), (CHIP - 34, y + ROW))
                self.dot(red, CHIP - 34, y + ROW)
            else:
                y, colour = self.pin(number)
                self.wire(colour, (WIRE, y), (CHIP, y))
            self.text(CHIP + 8, y + 4, f"{leg} {name}", "s")
            self.text(x - 8, y + 4, f"CH{16 - leg}", "s e" if leg == 16 else "s e g")
        self.lines.insert(0, f'<rect class="p" x="{CHIP}" y="{top}" width="116" height="{8 * ROW}" rx="4"/>')
        self.add(f'<path class="i" d="M{CHIP + 48} {top + 8 * ROW}a10 10 0 0 1 20 0"/>')  # the notch, at legs 1 and 16
        self.text(CHIP + 58, top + 8 * ROW + 18, "MCP3008", "b m")
        self.text(CHIP + 58, top + 8 * ROW + 33, "notch down 缺口朝下", "s m g")
        middle, signal = y, SIGNALS[5]
        self.row()
        ground, black = self.pin(6)
        self.wire(red, (WIRE, power), (SENSOR, power), (SENSOR, middle - 40))
        self.wire(black, (WIRE, ground), (SENSOR, ground), (SENSOR, ground - 26))
        self.wire(signal, (x, middle), (SENSOR - (24 if sensor.knob else 0), middle))
        if sensor.knob:
            self.box("r", SENSOR - 11, middle - 44, 22, 88, 5)
            self.add(f'<path fill="{signal}" d="M{SENSOR - 11} {middle}l-14 -7v14z"/>')
            legs = ("outer leg 外侧脚", "middle leg 中间脚", "outer leg 外侧脚")
            for words, y in zip(legs, (middle - 26, middle + 5, middle + 36), strict=True):
                self.text(SENSOR + 24, y, words, "s")
        else:
            self.box("r", SENSOR - 13, middle - 104, 26, 72, 5)
            for y in (middle - 84, middle - 64):
                self.add(f'<path class="i" style="stroke:#c9a200" d="M{SENSOR - 44} {y - 14}l22 14m-9 0h9v-9"/>')
            self.wire(signal, (SENSOR, middle - 32), (SENSOR, middle + 14))
            self.dot(signal, SENSOR, middle)
            self.box("r", SENSOR - 10, middle + 10, 20, 46, 5)
            self.text(SENSOR + 24, middle + 38, "10 kΩ", "s")
        self.text(SENSOR + 24, middle - 64, sensor.name, "b")
        self.text(SENSOR + 24, middle - 46, sensor.chinese, "s")

    def header(self) -> None:
        """Draw the board's header from above, with the pins that are used in the colour of their wires."""
        self.text(30, TOP - 12, "pins 引脚 1-40", "s g")
        self.text(PILL, TOP - 12, "pin and name 引脚和名称", "s g")
        self.text(30, TOP + 20 * 16 + 26, "USB ↓", "s g")
        self.box("p", 30, TOP, 58, 20 * 16 + 10, 6)
        for number in range(1, 41):
            x, y = 46 + 26 * ((number - 1) % 2), TOP + 13 + 16 * ((number - 1) // 2)
            self.add(f'<circle cx="{x}" cy="{y}" r="7" fill="{self.used.get(number, "#e3e3e6")}"/>')
            self.text(x, y + 3, str(number), "t o" if number in self.used else "t")

    def svg(self, name: str) -> str:
        """Return the picture."""
        height = self.bottom + 54
        frame = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">',
            f"<title>{name}: wiring for a Raspberry Pi</title><style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#f6f5f1"/>',
            '<text x="30" y="36" class="b" style="font-size:18px">Raspberry Pi 树莓派</text>',
        ]
        return "\n".join([*frame, *self.lines, *legend(height - 24, "".join(self.lines)), "</svg>"]) + "\n"


def legend(y: int, picture: str) -> Iterator[str]:
    """Return the line at the bottom that says what the colours mean which are in this picture."""
    x = PILL
    yield f'<path stroke="#d0d0d4" d="M30 {y - 22}H770"/>'
    signals = [colour for colour in SIGNALS if colour in picture][:3]
    meanings = (([POWER], "power 电源"), ([GROUND], "ground (GND) 接地"), (signals, "signal 信号"), ([CABLE], "USB cable 线"))
    for colours, words in meanings:
        if not colours or colours[0] not in picture:
            continue
        for part, colour in enumerate(colours):
            step = 36 // len(colours)
            yield f'<path class="w" style="stroke-linecap:butt" stroke="{colour}" d="M{x + part * step} {y}h{step}"/>'
        yield f'<text x="{x + 44}" y="{y + 4}" class="s">{words}</text>'
        x += 64 + 7 * len(words) + 12
    if 'class="r"' in picture:
        yield f'<rect class="r" x="{x}" y="{y - 8}" width="36" height="16" rx="5"/>'
        yield f'<text x="{x + 44}" y="{y + 4}" class="s">resistor 电阻</text>'


ICONS = {  # each about 48 wide and 40 high, around 0, 0
    "led": ('<path fill="#ffd84d" d="M-12 10v-14a12 12 0 0 1 24 0v14z"/><path d="M-16 10h32M-6 10v14M6 10v9"/>',),
    "buzzer": ('<circle r="19" fill="#3a3a40"/><circle r="4" fill="#f6f5f1"/>',),
    "button": ('<rect x="-18" y="-18" width="36" height="36" rx="4" fill="#dcdce0"/><circle r="10" fill="#3a3a40"/>',),
    "camera": ('<rect x="-20" y="-15" width="40" height="30" rx="6" fill="#dcdce0"/><circle r="9" fill="#3a3a40"/>',),
    "microphone": (
        '<rect x="-7" y="-20" width="14" height="24" rx="7" fill="#dcdce0"/>'
        '<path d="M-13 -4a13 13 0 0 0 26 0M0 9v10M-9 19h18"/>',
    ),
    "keyboard": ('<rect x="-24" y="-12" width="48" height="24" rx="4" fill="#dcdce0"/><path d="M-17 -4H17M-10 4H10"/>',),
    "speaker": ('<path fill="#dcdce0" d="M-18 -7h9l12 -10v34l-12 -10h-9z"/><path d="M9 -7q6 7 0 14M15 -12q10 12 0 24"/>',),
    "servo": (
        '<rect x="-22" y="-10" width="44" height="26" rx="3" fill="#7fb2e8"/><circle cx="-9" cy="-10" r="5" fill="#fff"/>'
        '<path d="M-9 -10L16 -20"/>',
    ),
    "radar": (
        '<rect x="-28" y="-14" width="56" height="28" rx="3" fill="#7fb2e8"/><circle cx="-14" r="10" fill="#dcdce0"/>'
        '<circle cx="14" r="10" fill="#dcdce0"/>',
    ),
    "chip": (
        '<rect x="-20" y="-16" width="40" height="32" rx="3" fill="#c9a6e8"/><rect x="-6" y="-6" width="12" height="12"/>',
    ),
}


def pages() -> dict[Path, str]:
    """Return each picture's path with its text."""
    return {ROOT / "projects" / name / "wiring.svg": Drawing(parts).svg(name) for name, parts in WIRINGS.items()}


def gpios(name: str) -> set[str]:
    """Return the pins of the board that a picture uses for signals."""
    return {HEADER[number - 1] for number in Drawing(WIRINGS[name]).used} - {"3V3", "5V", "GND"}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
