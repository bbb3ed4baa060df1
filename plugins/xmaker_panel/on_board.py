"""Says on a board's own screen where its panel is: whoever has plugged it in sees no terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from xmaker import Plugins, Project, Runtime, hookimpl
from xmaker.terminal import Terminal


@contextmanager
def on_board(words: str, runtime: Runtime | None = None) -> Iterator[None]:
    """Show some lines: on the screen of the run's project, or where it has none, on one of their own, until the end."""
    if not words:
        yield
        return
    writer = _Writer(words, runtime)
    if runtime is not None:
        runtime.observe(writer)
    else:
        writer.show()
    try:
        yield
    finally:
        if runtime is not None:
            runtime.forget(writer)
        writer.end()


class _Writer:
    """Waits for the run to begin: only then is it known whether the project has a screen."""

    def __init__(self, words: str, runtime: Runtime | None) -> None:
        self._words, self._runtime = words, runtime
        self._own: Runtime | None = None

    @hookimpl
    def xmaker_start(self, project: Project) -> None:
        threading.Thread(target=self.show, name="xmaker-panel-address", daemon=True).start()  # not on the event loop

    def show(self) -> None:
        """Write the lines."""
        run, name = self._runtime, "screen"
        screens = [spec.name for spec in run.project.nodes.values() if spec.type.use == "screen"] if run else []
        if run is None or not screens:
            run = self._own = _screen()
        else:
            name = screens[0]
        for line in self._words.split("\n"):
            run.do(f"{name}.write({line!r})")

    def end(self) -> None:
        """Take the screen of its own away."""
        if self._own is not None:
            self._own.stop()


def _screen() -> Runtime:
    """Return a run of its own, with a screen and nothing else. Without a window it writes where errors are written."""
    plugins = Plugins.load()
    run = Runtime(plugins, terminal=Terminal(sys.stderr))
    run.apply(Project("panel", plugins=plugins).add(plugins.nodes["screen"](), name="screen"))
    return run
