"""What the runtime does for one node: `self.host`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xmaker.errors import message
from xmaker.values import Event, Notice

if TYPE_CHECKING:
    from xmaker.drivers import I2C
    from xmaker.engines import ModelCard, Session
    from xmaker.nodes import Gives
    from xmaker.runtime.runtime import Runtime
    from xmaker.runtime.worker import Worker
    from xmaker.terminal import Terminal


class NodeHost:
    """See `xmaker.nodes.Host`."""

    def __init__(self, worker: Worker, runtime: Runtime) -> None:
        self._worker, self._runtime = worker, runtime
        self.name: str = worker.name

    @property
    def folder(self) -> Path:
        return self._runtime.project.folder

    @property
    def terminal(self) -> Terminal:
        return self._runtime.terminal

    @property
    def moment(self) -> float:
        return self._worker.moment

    def now(self) -> float:
        return self._runtime.clock.now()

    def sleep(self, until: float) -> bool:
        return self._runtime.clock.sleep(until, self._worker.stopping)

    def emit(self, value: object, time: float | None = None) -> None:
        if not self._worker.paused:
            self._worker.emit(value, self.now() if time is None else time, None)

    def notice(self, code: str, /, **details: object) -> None:
        known = code.startswith("XM")
        text = message(code, "what", **details) if known else code
        self._worker.post(Event(self.name, Notice(text, code if known else ""), self.now()))

    def gives(self, node: str) -> Gives | None:
        spec = self._runtime.project.nodes.get(node)
        return getattr(spec.type, "gives", None) if spec else None

    def model(self, name: str) -> ModelCard:
        return self._runtime.plugins.model(name, self.folder)

    def session(self, card: ModelCard, threads: int) -> Session:
        return self._runtime.plugins.engine(card).load(card, threads)

    def i2c(self, address: int) -> I2C:
        return self._runtime.hardware.i2c(address)
