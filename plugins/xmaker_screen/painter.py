"""Draws a scene on a Tk canvas, and only what is new of it. For the window's thread alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xmaker.looks import Line, Scene
from xmaker.rules.functions import text_of
from xmaker_screen.fonts import family_of, is_chinese
from xmaker_screen.scene import LINE, TEXT, Place, Plan, plan

BACK, TRACK, BRIGHT, DIM = "#12161c", "#262e38", "#ffffff", "#9fb0c3"
LABEL, GAUGE, BUTTON, PRESSED = "#2563b8", "#1f7a55", "#334155", "#e09f1f"
BOXES = "#ffd23f", "#3ddc97", "#ff8c69", "#4cc9f0", "#f6a5c0"
TEXT_SIZES = 72, 60, 50, 42, 34, 28, 24, 20, 16
"""Sizes that lines of text are tried in, in units, until they fit."""
UNBROKEN = 24
"""In so large a size a line is better whole than broken and larger."""
LONGEST = 300
"""So many letters of a text are drawn at most; more would fit into no window."""

Buttons = Mapping[str, tuple[tuple[str, ...], Callable[[str], None]]]


class Painter:
    """Draws in five layers: the picture, its boxes, words, a rule and buttons."""

    def __init__(self, tkinter: Any, root: Any, canvas: Any, no_chinese: Callable[[], None]) -> None:
        import tkinter.font

        self._tkinter, self._root, self._canvas, self._no_chinese = tkinter, root, canvas, no_chinese
        self._make_font = tkinter.font.Font
        self._family, self._has_chinese = family_of(root)
        self._fonts: dict[tuple[int, bool], Any] = {}
        self._colours: dict[str, str] = {}
        """Label → the colour of its boxes, in the order in which they were first seen."""
        self._photo: Any = None
        self._size = (0, 0)
        self._seed: object = None
        self._last: Scene | None = None
        """The scene that was drawn last. Kept, so that no newer image gets the number by which this one's is known."""
        self._drawn: dict[str, object] = {}
        """Layer → what it was drawn from."""
        self._spots: list[tuple[Place, str, str, Callable[[str], None]]] = []
        """Where each button is, its node, its name, and what to call."""
        self._pressed: tuple[str, str] | None = None

    def draw(self, scene: Scene, rule: str, buttons: Buttons) -> None:
        """Bring the window up to date. `rule` says what the rule that is nearest to firing waits for."""
        seed = self._size, rule, dict(buttons), self._pressed
        if min(self._size) < 2 or (scene is self._last and seed == self._seed):  # looking costs nothing if nothing is new
            return
        self._last, self._seed = scene, seed
        names = [(node, name, press) for node, (names, press) in buttons.items() for name in names]
        where = plan(*self._size, scene, bool(rule), len(names))
        frame = scene.frame
        picture = (where.picture, frame and id(frame.image))
        if self._new("picture", picture):
            self._picture(where.picture, frame and frame.image)
        if self._new("boxes", (*picture, scene.boxes)):
            self._boxes(where, scene)
        if self._new("words", (where.unit, where.words, scene.text, scene.lines)):
            self._words(where, scene)
        if self._new("rule", (where.unit, where.rule, rule)):
            self._rule(where.rule, rule)
        if self._new("buttons", (where.unit, where.buttons, [name[:2] for name in names], self._pressed)):
            self._spots = [(place, *name) for place, name in zip(where.buttons, names, strict=True)]
            self._buttons(where.unit)

    def resize(self, width: int, height: int) -> None:
        """Fill a window of this size from now on."""
        self._size = width, height

    def press(self, x: float, y: float) -> None:
        """Tell a button's node that somebody's finger is on it: at once, not when the finger leaves."""
        for place, node, name, call in self._spots:
            if place.holds(x, y):
                self._pressed = node, name
                call(name)

    def release(self) -> None:
        self._pressed = None

    def _new(self, layer: str, seed: object) -> bool:
        """Return whether a layer was drawn from something else, and take away what it had."""
        if layer in self._drawn and self._drawn[layer] == seed:
            return False
        self._drawn[layer] = seed
        if layer != "picture":
            self._canvas.delete(layer)
        return True

    def _picture(self, place: Place, image: Any) -> None:
        wide, high = round(place.width), round(place.height)
        if image is None or image.ndim not in (2, 3) or min(wide, high) < 1:
            self._canvas.delete("picture")
            self._photo = None
            return
        import cv2

        shrinks = wide * high < image.shape[0] * image.shape[1]
        small = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        colours = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}
        small = cv2.cvtColor(small, colours[1 if small.ndim == 2 else small.shape[2]])
        data = b"P6 %d %d 255\n" % (wide, high) + small.tobytes()  # PPM is the fastest of what Tk reads
        if self._photo is None or (self._photo.width(), self._photo.height()) != (wide, high):
            self._canvas.delete("picture")
            self._photo = self._tkinter.PhotoImage(master=self._root, data=data, format="ppm")
            self._canvas.create_image(round(place.left), round(place.top), anchor="nw", image=self._photo, tags="picture")
            self._canvas.tag_lower("picture")
        else:
            self._photo.configure(data=data)
            self._canvas.coords("picture", round(place.left), round(place.top))

    def _boxes(self, where: Plan, scene: Scene) -> None:
        if scene.frame is None:
            return
        place, font = where.picture, self._font(13 * where.unit, True)
        scale = place.width / max(1, scene.frame.width)
        for item in sorted(scene.boxes, key=lambda item: item.score):
            label = text_of(item.label)
            colour = self._colours.setdefault(label, BOXES[len(self._colours) % len(BOXES)])
            left, top = place.left + item.box[0] * scale, place.top + item.box[1] * scale
            right, bottom = left + item.box[2] * scale, top + item.box[3] * scale
            thick = max(2, round(2 * where.unit))
            self._canvas.create_rectangle(left, top, right, bottom, outline=colour, width=thick, tags="boxes")
            number = f" #{item.track}" if item.track else ""
            words = self._shortened(f"{label}{number} {item.score:.0%}", font, place.width)
            wide, high = font.measure(words) + 6 * where.unit, font.metrics("linespace")
            left = max(place.left, min(left, place.left + place.width - wide))
            top = max(place.top, top - high)
            self._canvas.create_rectangle(left, top, left + wide, top + high, fill=colour, width=0, tags="boxes")
            self._text(left + 3 * where.unit, top + high / 2, words, font, BACK, "w", "boxes")

    def _words(self, where: Plan, scene: Scene) -> None:
        """Draw text, and below it lines with bars. Alone, the text is as large as it fits; together, bars are at the bottom."""
        room, tall = where.words, LINE * where.unit
        if not scene.text and scene.frame is None and scene.lines:
            tall = max(tall, min(2 * tall, room.height / len(scene.lines)))
        kept = 0.8 * TEXT * where.unit * min(2, len(scene.text))  # the newest text must be seen, whatever else there is
        lines = scene.lines[: max(0, int((room.height - kept + 1) / tall))]
        left_over = room.height - len(lines) * tall
        if scene.text and left_over > 8:
            below = scene.frame is not None or bool(lines)
            self._lines_of_text(Place(room.left, room.top, room.width, left_over), where.unit, scene.text, below)
        top = room.top + (left_over if scene.text else 0.0)
        for number, line in enumerate(lines):
            self._line(Place(room.left, top + number * tall, room.width, tall - 4 * where.unit), line)

    def _lines_of_text(self, place: Place, unit: float, text: tuple[str, ...], small: bool) -> None:
        """Write the lines in the largest size in which none is broken; if that is small, in the largest in which all fit.

        Where there is none, the oldest lines are left out.
        """
        text, sizes = tuple(line[:LONGEST] for line in text), TEXT_SIZES[3 if small else 0 :]
        for size in sizes:
            font = self._font(size * unit, True)
            whole = size >= UNBROKEN and all(font.measure(line) <= place.width for line in text)
            if whole and self._fits(place, text, font):
                return
        for lines, size in ((text[first:], size) for first in range(len(text)) for size in sizes):
            if self._fits(place, lines, self._font(size * unit, True)):
                return

    def _fits(self, place: Place, text: tuple[str, ...], font: Any) -> bool:
        """Write the newest line bright, those before it dim; return whether there was room."""
        self._canvas.delete("text")
        middle, used = place.left + place.width / 2, 0.0
        for number, line in enumerate(text, 1):
            colour = BRIGHT if number == len(text) else DIM
            item = self._text(middle, place.top + used, line, font, colour, "n", ("words", "text"), place.width)
            used += self._canvas.bbox(item)[3] - place.top - used if line.strip() else font.metrics("linespace")
        self._canvas.move("text", 0, max(0.0, (place.height - used) / 2))
        return used <= place.height and all(font.measure(word) <= place.width for line in text for word in _words(line))

    def _line(self, place: Place, line: Line) -> None:
        """Draw a name at the left and its words at the right, on a bar if the line has a part."""
        edge = 0.3 * place.height
        for size in (0.6, 0.5, 0.4):  # smaller where the name would be cut
            font = self._font(size * place.height, line.part is not None)
            if font.measure(line.name) + font.measure(line.words) <= place.width - 3 * edge:
                break
        if line.part is not None:
            self._rounded(place, TRACK, "words")
            if (filled := line.part * place.width) >= 1:
                bar = Place(place.left, place.top, max(place.height / 2, filled), place.height)
                self._rounded(bar, LABEL if line.label else GAUGE, "words")
        middle, right = place.top + place.height / 2, place.left + place.width - edge
        words = self._shortened(line.words, font, 0.65 * place.width)
        name = self._shortened(line.name, font, place.width - 3 * edge - font.measure(words))
        self._text(place.left + edge, middle, name, font, DIM if line.part is None else BRIGHT, "w", "words")
        self._text(right, middle, words, font, BRIGHT, "e", "words")

    def _rule(self, place: Place, rule: str) -> None:
        """Write where a rule stands, in two small lines at most."""
        font = self._font(0.4 * place.height)
        words = self._shortened(rule, font, 1.8 * place.width)
        self._text(place.left, place.top + place.height, words, font, DIM, "sw", "rule", place.width)

    def _buttons(self, unit: float) -> None:
        font = self._font(20 * unit, True)
        for place, node, name, _ in self._spots:
            self._rounded(place, PRESSED if self._pressed == (node, name) else BUTTON, "buttons")
            shown = self._shortened(name, font, place.width - 8 * unit)
            x, y = place.left + place.width / 2, place.top + place.height / 2
            self._text(x, y, shown, font, BRIGHT, "center", "buttons")

    def _rounded(self, place: Place, colour: str, tag: str) -> None:
        """Fill a rectangle with round corners: a polygon whose doubled points Tk's curve passes through."""
        bend = min(place.height, place.width) / 4
        left, top, right, bottom = place.left, place.top, place.left + place.width, place.top + place.height
        xs, ys = (left, left + bend, right - bend, right), (top, top + bend, bottom - bend, bottom)
        turns = ((1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3), (2, 3), (1, 3), (0, 3), (0, 2), (0, 1), (0, 0))
        points = [at for x, y in turns for at in (xs[x], ys[y]) * (1 if {x, y} <= {0, 3} else 2)]
        self._canvas.create_polygon(points, smooth=True, fill=colour, outline="", tags=tag)

    def _text(self, x: float, y: float, text: str, font: Any, colour: str, anchor: str, tags: Any, width: float = 0) -> Any:
        if not self._has_chinese and is_chinese(text):
            self._has_chinese = True  # told once
            self._no_chinese()
        look = {"text": text, "font": font, "fill": colour, "anchor": anchor, "tags": tags}
        return self._canvas.create_text(x, y, **look, width=width, justify="left" if anchor == "sw" else "center")

    def _font(self, pixels: float, bold: bool = False) -> Any:
        key = max(8, round(pixels)), bold
        if key not in self._fonts:
            weight = "bold" if bold else "normal"
            self._fonts[key] = self._make_font(self._root, family=self._family, size=-key[0], weight=weight)
        return self._fonts[key]

    def _shortened(self, text: str, font: Any, room: float) -> str:
        """Return a text that fits, with … for what was left out."""
        text = text[:LONGEST]
        if font.measure(text) <= room:
            return text
        while text and font.measure(text + "…") > room:
            text = text[:-1]
        return text + "…"


def _words(line: str) -> list[str]:
    """Return what cannot be broken between two lines: words, but of Chinese each character."""
    return [part for part in line.split() if not is_chinese(part)] or [line[:1]]
