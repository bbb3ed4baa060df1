"""The one owner of the terminal: lines that nodes print, what a `screen` node shows, and keys, all go through here."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, TextIO

import msgspec

from xmaker.keys import Keys, in_foreground
from xmaker.values import Frame

LOOK = 0.2
"""Seconds from one look whether the keys are still wanted to the next."""


class View(msgspec.Struct):
    """What a screen shows: lines of text, the newest picture, and bars (label, 0..1)."""

    text: list[str] = []
    frame: Frame | None = None
    bars: tuple[tuple[str, float], ...] = ()
    values: dict[str, Any] = {}
    """Node → its latest value, for what is neither a picture nor a label."""


class Terminal:
    """A plain terminal: it prints lines. The live view of the command line is a subclass."""

    watched = False
    """Whether somebody looks at a picture of the run: only then a screen opens a window unasked."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.buttons: dict[str, tuple[tuple[str, ...], Callable[[str], None]]] = {}
        """Node → the buttons that it wants to be shown, and what to call with the one that was pressed."""
        self.windowed = False
        """Whether a screen's window, and not this terminal, shows screens and buttons."""
        self.keys_taken = False
        """Whether a node has the keys."""
        self.pressable = False
        """Whether keys may come from elsewhere too, by `press`: from a page in a browser."""
        self._out = out or sys.stdout
        self._lock = threading.Lock()
        self._keys_lock = threading.Lock()
        """Apart from the other: printing may hang for as long as somebody has pressed Ctrl-S."""
        self._keys: Keys | None = None
        self._first: Callable[[str], bool] | None = None
        self._pressed: SimpleQueue[str] = SimpleQueue()
        self._shown: dict[str, str] = {}

    def write(self, line: str, node: str = "") -> None:
        """Print a line; `node` says whose it is."""
        with self._lock:
            try:
                print(line, file=self._out, flush=True)
            except UnicodeEncodeError:  # a console that has no Chinese, or no emoji
                encoding = self._out.encoding
                print(line.encode(encoding, "replace").decode(encoding), file=self._out, flush=True)

    def show(self, node: str, view: View) -> None:
        """Show what a screen node shows: here, its new text as a line."""
        if view.text and view.text[-1] != self._shown.get(node):
            self._shown[node] = view.text[-1]
            self.write(f"{node}: {view.text[-1]}", node)

    def take_keys(self) -> bool:
        """Have keys arrive one by one. False where there is no terminal, or another node or program has its keys."""
        with self._keys_lock:
            if self.keys_taken:
                return False
            self._pressed = SimpleQueue()
            self.keys_taken = True  # before the first key can come
            self.keys_taken = self._open() or self.pressable
            return self.keys_taken

    def press(self, key: str) -> None:
        """Take a key as if it had been pressed here, by its name: `a`, `space`, `up`. One that no node wants is dropped."""
        if self.keys_taken:
            self._pressed.put(key)

    def key(self, timeout: float) -> str | None:
        """Return the next key that was pressed, or None after `timeout` seconds without one."""
        try:
            return self._pressed.get(timeout=timeout)
        except Empty:
            return None

    def give_keys(self) -> None:
        """The node that took the keys no longer wants them."""
        with self._keys_lock:
            self.keys_taken = False
            if self._first is None:
                self._close()

    def listen(self, first: Callable[[str], bool]) -> bool:
        """Have `first` look at each key; it returns whether it keeps the key from the nodes. False as in `take_keys`."""
        with self._keys_lock:
            self._first = first
            if not self._open():
                self._first = None
            return self.listening

    def read_pipe(self, take: Callable[[str], object]) -> None:
        """Have `take` called with each line that another program writes to stdin: `printf 'room.value=3\\n' | xmaker run …`."""

        def read() -> None:
            with open(0, encoding="utf-8", errors="replace", closefd=False) as lines:  # sys.stdin would be locked at the end
                for line in filter(str.strip, lines):
                    take(line.strip())

        with suppress(OSError):  # stdin may be closed
            if stat.S_ISFIFO(os.fstat(0).st_mode):
                threading.Thread(target=read, name="xmaker-pipe", daemon=True).start()

    def close(self) -> None:
        """Put the terminal back as it was found."""
        with self._keys_lock:
            self.keys_taken, self._first = False, None
            self._close()

    @property
    def listening(self) -> bool:
        """Whether somebody looks at each key first."""
        return self._first is not None

    def _open(self) -> bool:
        if self._keys is None and (keys := Keys()).open():
            self._keys = keys
            threading.Thread(target=self._read, args=(keys,), name="xmaker-keys", daemon=True).start()
        return self._keys is not None

    def _close(self) -> None:
        if self._keys is not None:
            self._keys.close()
            self._keys = None

    def _read(self, keys: Keys) -> None:
        while (pressed := keys.read(LOOK)) is not None:
            for key in pressed:
                if not (self._first and self._first(key)) and self.keys_taken:
                    self._pressed.put(key)

    @contextmanager
    def suspendable(self) -> Iterator[None]:
        """Let Ctrl-Z put the terminal back as it was, and `fg` take it again. Only the main thread can have this done."""
        main = threading.current_thread() is threading.main_thread()
        if not main or not hasattr(signal, "SIGTSTP") or signal.getsignal(signal.SIGTSTP) is not signal.SIG_DFL:
            yield
            return
        signal.signal(signal.SIGTSTP, self._stop_for_a_while)
        try:
            yield
        finally:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)

    def _stop_for_a_while(self, *_: object) -> None:
        self.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)  # here it sleeps
        signal.signal(signal.SIGTSTP, self._stop_for_a_while)
        self.come_back()

    def leave(self) -> None:
        """Leave the terminal to others until `come_back`."""
        if self._keys is not None:
            self._keys.leave()

    def come_back(self) -> None:
        """Go on with the terminal, unless this program is in the background now."""
        if self._keys is not None:
            self._keys.come_back()


def is_watched(stream: Any) -> bool:
    """Whether somebody sees the stream: a terminal that can move its cursor, with this program in the foreground."""
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    try:
        return os.name == "nt" or in_foreground(stream.fileno())
    except OSError:
        return False
