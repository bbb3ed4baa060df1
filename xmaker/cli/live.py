"""The live view: what every node does now, and what screens show, at the bottom of the terminal; lines scroll by above it."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from typing import Any

from rich.color import Color
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.progress_bar import ProgressBar
from rich.segment import Segment, Segments
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

from xmaker import Action, Event, Input, Notice, Project, Runtime, View, hookimpl
from xmaker.cli.plain import Quiet
from xmaker.cli.prompt import Prompt
from xmaker.nodes import EVERY_NODE
from xmaker.rules.explain import nearest_first
from xmaker.rules.functions import text_of
from xmaker.runtime import NodeStats
from xmaker.terminal import is_watched
from xmaker.words import columns, value_words, width

REFRESHES = 4
"""How often in a second the view is drawn anew."""
PICTURE_COLUMNS, PICTURE_ROWS = 40, 15
_STATES = {"lost": "bold red", "failed": "bold red", "paused": "yellow", "opening": "dim", "new": "dim"}
"""States worth a word instead of the node's value, and how the word looks."""
_RULES = {"true": "green", "holds": "yellow", "cools": "yellow", "waits": "dim"}
"""How a rule looks."""


class Bars(Progress):
    """Progress bars of the inputs that read files as fast as their readers can."""

    def __init__(self) -> None:
        super().__init__(TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())

    def look(self, runtime: Runtime) -> Progress:
        """Bring the bars up to date and return them."""
        known = {task.description: task for task in self.tasks}
        for name, worker in list(runtime.workers.items()):
            node, task = worker.node, known.get(name)
            if isinstance(node, Input) and not node.paced and (progress := node.progress()):
                self.update(task.id if task else self.add_task(name), completed=progress[0], total=progress[1])
            elif task and worker.state == "done":
                self.update(task.id, completed=task.total)
        return self


def progress_on_stderr(runtime: Runtime) -> Live:
    """Return progress bars beside lines that go into a file or a pipe: stderr is still a terminal."""
    update, console = partial(Bars().look, runtime), Console(stderr=True)
    return Live(console=console, get_renderable=update, refresh_per_second=REFRESHES, redirect_stdout=False)


class Drawing(Live):
    """Draws the view anew a few times a second; when the terminal is gone, it ends the run."""

    def __init__(self, view: LiveView) -> None:
        self._view = view
        watched = sys.stderr.isatty()  # else errors go where stderr goes
        super().__init__(
            console=view.console, get_renderable=view.render, refresh_per_second=REFRESHES, redirect_stderr=watched
        )

    def refresh(self) -> None:
        try:
            super().refresh()
        except OSError:
            self._view.give_up()
        if not self.console.is_terminal:  # any more: then rich draws nothing
            self._view.give_up()

    def stop(self) -> None:
        with suppress(OSError):
            super().stop()


class LiveView(Quiet):
    """The terminal of a run that somebody watches."""

    _drawing: Drawing

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.watched = True
        self.console = Console()
        self._words: dict[str, str] = {}
        self._views: dict[str, View] = {}
        self._pictures: dict[str, tuple[Any, tuple[int, int], Table]] = {}
        self._counts: dict[str, deque[tuple[float, int]]] = {}
        self._bars, self._prompt = Bars(), Prompt(self)

    @contextmanager
    def shown(self) -> Iterator[None]:
        self._draw()
        try:
            yield
        finally:
            self._drawing.stop()

    def _draw(self) -> None:
        self._drawing = Drawing(self)
        self._drawing.start()

    def take_settings(self) -> None:
        if not self.listen(self._take_key):
            super().take_settings()

    def _take_key(self, key: str) -> bool:
        if taken := self._prompt.take(key):
            self._drawing.refresh()
        return taken

    def leave(self) -> None:
        self._drawing.stop()
        super().leave()

    def come_back(self) -> None:
        super().come_back()
        if not is_watched(sys.stdout):  # `bg`; of an `fg` after it nobody tells
            later = threading.Timer(1 / REFRESHES, self.come_back)
            later.daemon = True
            later.start()
        elif not self._drawing.is_started:
            self._draw()  # below what the shell has printed meanwhile

    def _print(self, line: str, style: str) -> None:
        self.console.print(Text(line, style))

    def show(self, node: str, view: View) -> None:
        self._views[node] = view

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Notice):
            self.print(event.value.notice, "dim")
        elif not (isinstance(event.value, Action) and event.value.action in EVERY_NODE):
            spec = self.runtime.project.nodes.get(event.node)
            self._words[event.node] = value_words(event.value, getattr(spec and spec.type, "gives", None))

    def render(self) -> RenderableType:
        """Return the view as it is now."""
        stats, views, bars = self.runtime.stats(), list(self._views.items()), self._bars.look(self.runtime)
        prompt = [self._prompt.line()] if self.listening and self._drawing.is_started else []
        above: list[RenderableType] = [self._table(stats), *self._rules(len(stats)), *([bars] if bars.tasks else [])]
        rows = (self.console.height - len(stats) - len(above) - len(prompt)) // max(1, len(views)) - 2
        return Group(*above, *(self._screen(name, view, rows) for name, view in views), *prompt)

    def _rules(self, nodes: int) -> list[Text]:
        """Return where the rules stand, in at most a quarter of the terminal: all, or those that are nearest to firing."""
        room = max(1, min(self.console.height // 4, self.console.height - nodes - 2))
        whys = self.runtime.explain()
        for some in (whys, nearest_first(whys)):
            texts = [Text(str(why), _RULES[why.state]) for why in some]
            lines = [line for text in texts for line in text.wrap(self.console, self.console.width)]
            if len(lines) <= room:
                break
        return lines[:room]

    def _table(self, stats: list[NodeStats]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold dim")
        sizes = [min(16, max(6, *(width(node.name) for node in stats), 6)), 0, 6, 8, 6]
        if self.console.width < 56:  # no room for latency and drops
            del sizes[3:]
        sizes[1] = max(8, min(44, self.console.width - sum(sizes) - 2 * len(sizes)))
        for number, (heading, size) in enumerate(zip(columns("XM710"), sizes, strict=False)):
            side: JustifyMethod = "left" if number < 2 else "right"
            table.add_column(heading, justify=side, width=size, no_wrap=True, overflow="ellipsis")
        for node in stats:
            latency = f"{node.latency * 1000:.0f} ms" if node.events else ""
            cells = (Text(node.name), self._value(node), self._rate(node), latency, str(node.dropped or ""))
            table.add_row(*cells[: len(table.columns)])
        return table

    def _value(self, node: NodeStats) -> Text:
        words = Text(f"✗{node.errors} " if node.errors else "", "red")
        if node.state in _STATES:
            return words.append(columns("XM721")[list(_STATES).index(node.state)], _STATES[node.state])
        progress: Any = ()
        with suppress(Exception):  # a plugin's mistake must not take the view away
            progress = getattr(self.runtime.workers[node.name].node, "progress", tuple)() or ()
        return words.append(self._words.get(node.name) or "/".join(map(str, progress)), "default")

    def _rate(self, node: NodeStats) -> str:
        """Return the node's events a second, over the last three seconds."""
        counts = self._counts.setdefault(node.name, deque(maxlen=3 * REFRESHES))
        counts.append((time.monotonic(), node.events))
        seconds, events = counts[-1][0] - counts[0][0], node.events - counts[0][1]
        return f"{events / seconds:.1f}" if seconds and events else ""

    def _screen(self, name: str, view: View, rows: int) -> Panel:
        bars = Table.grid(padding=(0, 1, 0, 0))
        bars.add_column(no_wrap=True, overflow="ellipsis", max_width=16)
        text = view.text[-max(1, rows) :]  # the newest
        best = view.bars[: max(0, rows - len(text))]
        for label, score in best:
            bars.add_row(Text(text_of(label)), ProgressBar(1.0, score, width=8), f"{score:.0%}")
        lines = [Text(line, "bold") for line in text]
        values = [Text(f"{node}: {self._words.get(node) or value_words(value)}") for node, value in view.values.items()]
        words: list[RenderableType] = [*lines, *([bars] if best else ()), *values[: max(0, rows - len(text) - len(best))]]
        parts: list[RenderableType] = [Group(*words)] if words else []
        room, beside = self.console.width - 4, self.console.width >= 68  # else the words go below the picture
        rows = min(PICTURE_ROWS, rows if beside else rows - len(text) - len(best) - len(values))
        if view.frame is not None and view.frame.image.shape[2:] == (3,) and rows >= 3 and self.console.color_system:
            parts.insert(0, self._picture(name, view.frame.image, min(PICTURE_COLUMNS, room), rows))
        body = Table.grid(padding=(0, 2, 0, 0)) if beside else Table.grid()
        for row in [parts] if beside else [[part] for part in parts]:
            body.add_row(*row)
        return Panel(body, title=Text(name), title_align="left", width=min(self.console.width, 76))

    def _picture(self, name: str, image: Any, columns: int, rows: int) -> Table:
        """Return a picture as half blocks (▀): a cell's colour is the upper of two pixels, its background the lower."""
        known = self._pictures.get(name)
        if known is not None and known[0] is image and known[1] == (columns, rows):
            return known[2]
        import cv2

        scale = min(columns / image.shape[1], 2 * rows / image.shape[0])
        wide, high = max(1, round(image.shape[1] * scale)), 2 * max(1, round(image.shape[0] * scale / 2))
        # Colours in steps of 8 look the same and repeat, so that their styles can be kept.
        small = (cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA) & 0xF8).tolist()
        cells: list[Segment] = []
        for above, below in zip(small[::2], small[1::2], strict=True):
            cells += [Segment("▀", _style(*upper, *lower)) for upper, lower in zip(above, below, strict=True)]
            cells.append(Segment.line())
        picture = Table.grid(Column(width=wide))
        picture.add_row(Segments(cells))
        self._pictures[name] = (image, (columns, rows), picture)
        return picture


@lru_cache(4096)
def _style(blue: int, green: int, red: int, blue2: int, green2: int, red2: int) -> Style:
    return Style(color=Color.from_rgb(red, green, blue), bgcolor=Color.from_rgb(red2, green2, blue2))
