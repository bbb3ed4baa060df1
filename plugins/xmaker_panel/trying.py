"""What a taught head says of live pictures, before it is in the project."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from xmaker import Frame, Plugins
from xmaker.rules.functions import text_of

LATER = 10
"""Of nice(2): the run's own threads come first."""


class Trial:
    """A taught head at work; its network is loaded with the first picture, and again when it has been taught anew."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "xmaker-panel-try", initializer=_give_way)
        self._stack, self._node, self._stamp = ExitStack(), None, 0

    async def answer(self, head: Path, frame: Frame) -> list[tuple[str, float]]:
        """Return the labels for a picture, the best first. Raises XMakerError."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, head, frame)

    def _answer(self, head: Path, frame: Frame) -> list[tuple[str, float]]:
        node: Any = self._opened(head)
        return [(text_of(name), round(score, 4)) for name, score in node.run(frame).top]

    def _opened(self, head: Path) -> Any:
        from xmaker_toolbox.nodes import opened

        if (stamp := head.stat().st_mtime_ns) != self._stamp:
            self._stack.close()
            self._node = self._stack.enter_context(opened(Plugins.load(), "classifier", model=str(head), smooth=0.0))
            self._stamp = stamp
        return self._node

    def close(self) -> None:
        """End the thread, and let the network go."""
        self._thread.submit(self._stack.close)
        self._thread.shutdown(wait=True)


def _give_way() -> None:
    if hasattr(os, "setpriority") and os.path.isdir("/proc/self/task"):  # on Linux, threads have a priority of their own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LATER)
