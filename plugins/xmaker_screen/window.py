"""The window of a screen, on one thread of its own: nobody else touches Tk, and nobody waits for it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from xmaker.errors import message
from xmaker.looks import Scene
from xmaker_screen.display import answers, survive

PERIOD = 33
"""Milliseconds from one look at what is to be shown to the next."""
RULE_TICKS = 8
"""So many looks from one question what the rules wait for to the next."""
SMALL = 480
"""A display of no more pixels than this, each way, has no room for a window beside others: it is filled."""
SIZE = 480, 640
"""Of a window on a larger display."""

_only_one = threading.Lock()
"""Tk and the fonts are not safe on two threads at once, so a second screen of a program is shown in the terminal."""


class Window:
    """Shows its `scene`, the newest that there is; one that nobody had time to draw is never drawn."""

    def __init__(self, host: Any, display: str, asked: bool, gone: Callable[[], None]) -> None:
        self.scene = Scene()
        self._host, self._display, self._asked, self._gone = host, display, asked, gone
        self._closing = False
        self._rule, self._ticks = "", 0
        self._end: tuple[str, str] = ("XM942", "")
        """Why it came to an end (a code, and a reason): somebody has closed it, if nothing else is known."""
        self._root: Any = None
        self._painter: Any = None
        self.thread = threading.Thread(target=self._live, name=f"xmaker-{host.name}-window", daemon=True)

    def close(self) -> None:
        """End it, and wait for that a moment: Tk must not live on while Python goes down."""
        self._closing = True
        self.thread.join(0.7)

    def _live(self) -> None:
        if not _only_one.acquire(timeout=1.0):
            self._ended("XM943")
            return
        try:
            code, reason = self._open_and_run()
            gc.collect()  # here, because Tk ends the program when another thread frees what is left of it
        finally:
            _only_one.release()
        self._ended(code, reason)

    def _ended(self, code: str, reason: str = "") -> None:
        """Give everything over to the terminal, and say why, unless nobody had asked for a window."""
        if self._closing:
            return
        if code != "XM943":
            self._host.terminal.windowed = False
        if self._asked or code in ("XM942", "XM946"):
            self._host.notice(code, reason=reason)
        self._gone()

    def _open_and_run(self) -> tuple[str, str]:
        """Show the window until it is closed; return why it ended."""
        if not self._display:
            return "XM940", message("XM947", "what")
        if not answers(self._display):
            return "XM940", message("XM948", "what", display=self._display)
        try:
            import tkinter
        except ImportError:
            return "XM941", ""
        if self._closing:
            return "XM942", ""
        survive(self._lost)
        try:
            self._build(tkinter)
            self._root.mainloop()
        except Exception as error:  # noqa: BLE001  # whatever Tk has against it, the terminal can show it
            self._end = "XM940", str(error)
        finally:
            with suppress(Exception):  # it is gone already, if the user has closed it
                self._root.destroy()
            self._root = self._painter = None
        return self._end

    def _lost(self) -> None:
        """The display has died under the window. Its thread never comes back, so another one goes on."""
        self._closing, closing = True, self._closing
        if not closing:
            threading.Thread(target=self._go_on, daemon=True).start()

    def _go_on(self) -> None:
        self._closing = False
        _only_one.release()
        self._ended("XM946")

    def _build(self, tkinter: Any) -> None:
        from xmaker_screen.painter import BACK, Painter

        screen = None if self._display == "windows" else self._display
        self._root = root = tkinter.Tk(screenName=screen, className="XMaker")
        root.report_callback_exception = self._failed
        root.title(f"{self._host.name} – XMaker")
        root.configure(background=BACK)
        canvas = tkinter.Canvas(root, background=BACK, highlightthickness=0, borderwidth=0)
        canvas.pack(fill="both", expand=True)
        wide, high = root.winfo_screenwidth(), root.winfo_screenheight()
        if max(wide, high) <= SMALL:
            root.geometry(f"{wide}x{high}+0+0")  # for a display without a window manager
            root.attributes("-fullscreen", True)
            root.configure(cursor="none")  # fingers need none
        else:
            width, height = min(SIZE[0], wide - 40), min(SIZE[1], high - 80)
            root.geometry(f"{width}x{height}")
            root.minsize(160, 160)
        self._painter = Painter(tkinter, root, canvas, lambda: self._host.notice("XM944"))
        canvas.bind("<Configure>", lambda event: self._painter.resize(event.width, event.height))
        canvas.bind("<ButtonPress-1>", lambda event: self._painter.press(event.x, event.y))
        canvas.bind("<ButtonRelease-1>", lambda event: self._painter.release())
        self._tick()

    def _tick(self) -> None:
        """Draw what is new. The wait begins when it is drawn, so a slow display leaves frames out rather than lag behind."""
        if self._closing:
            self._root.destroy()
            return
        self._ticks += 1
        if self._ticks % RULE_TICKS == 1:
            self._rule = self._host.nearest_rule()
        self._painter.draw(self.scene, self._rule, self._host.terminal.buttons)
        self._root.after(PERIOD, self._tick)

    def _failed(self, kind: type[BaseException], error: BaseException, trace: object) -> None:
        """A mistake in drawing: the terminal can still show it."""
        self._end = "XM940", f"{kind.__name__}: {error}"
        self._root.destroy()
