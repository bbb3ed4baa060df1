"""How long work says how far it is, and how somebody ends it before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Called often, from the thread that works. Raises Cancelled to end the work."""

    def __call__(self, part: float, doing: str = "") -> None:
        """`part` of all is done, from 0 to 1; `doing` says in the user's language what comes next."""


class Cancelled(BaseException):
    """Raised by a progress when somebody ends the work; nothing half-written stays.

    It is no mistake, and so no Exception: what catches those of the libraries lets it pass, as it does Ctrl-C.
    """


def quiet(part: float, doing: str = "") -> None:
    """Tell nobody."""


def span(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress for one step of a longer work, which lies between these parts of the whole."""

    def tell(part: float, doing: str = "") -> None:
        progress(start + (end - start) * part, doing)

    return tell


@contextmanager
def held() -> Iterator[None]:
    """Let Ctrl-C and `kill` wait until this is done: importing a compiled library, which says other things when broken off."""
    import signal

    pressed: list[int] = []
    # What is ignored, as in a job in the background of a script, stays ignored.
    stops = [stop for stop in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(stop) is not signal.SIG_IGN]
    before = [signal.signal(stop, lambda number, _: pressed.append(number)) for stop in stops]
    try:
        yield
    finally:
        for stop, handler in zip(stops, before, strict=True):
            signal.signal(stop, handler)
    if pressed:
        raise KeyboardInterrupt


@contextmanager
def bar() -> Iterator[Progress]:
    """Show a bar on the terminal's stderr while the work goes on; where nobody watches, nothing. Ctrl-C ends the work."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    shown = Bar(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty(), transient=True)
    with shown:
        task = shown.add_task("", total=1.0)

        def tell(part: float, doing: str = "") -> None:
            shown.update(task, completed=part, **({"description": doing} if doing else {}))  # type: ignore[arg-type]

        yield tell
