"""Inputs and models at work: where values come from, and what is made of them."""

from __future__ import annotations

from typing import Any

from xmaker.errors import NodeError
from xmaker.nodes import Finished, Input, Model, Node, Stamped
from xmaker.runtime.clock import SetClock
from xmaker.runtime.waking import Latch
from xmaker.runtime.worker import UNMENDABLE, Worker
from xmaker.values import Event

SHORT_REST, LONG_REST = 0.05, 1.0
PATIENCE = 5.0
"""Seconds that an input with large libraries waits for the models to have theirs."""
HANGS_SECONDS = 10.0
"""A `read()` that takes so long, and ten times its `every`, is told of: it may never return."""


class InputWorker(Worker):
    """Reads an input, as fast as it gives or every `every` seconds."""

    node: Input
    end_time = 0.0
    _rest = SHORT_REST
    """How long it rests after its `read()` has failed."""
    _reading_since = float("inf")
    _looked_after = False

    def work(self) -> None:
        every = getattr(self.node, "every", None)
        here = bool(every)  # one that is read over and over must not be kept from it
        if every and not self._looked_after and not isinstance(self.runtime.clock, SetClock):
            self._looked_after = True
            limit = max(HANGS_SECONDS, 10 * every)
            self.after(limit, lambda: self._look_after(limit))
        next_time = self.now()
        try:
            while not self.stopping.is_set():
                if every:
                    self._reading_since = self.now()
                value = self._read()
                self._reading_since = float("inf")
                if type(value) is Stamped:
                    self.emit(value.value, value.time, here=here)
                elif value is not None:
                    self.emit(value, here=here)
                if every:
                    next_time = max(next_time + every, self.now())
                    self.sleep(next_time)
                elif value is None:
                    self.stopping.wait(0.001)  # read() should have blocked; do not let it eat the processor
        except Finished as end:
            self.end_time = end.time

    def prepare(self) -> None:
        """Let the models begin: while they go on to read their files, which needs no Python, there is time for this."""
        if type(self.node).prepare is not Node.prepare:
            for model in self.runtime.workers.values():
                if isinstance(model, ModelWorker):
                    model.begun.wait(PATIENCE)
            self.node.prepare()

    def _read(self) -> Any:
        try:
            value = self.node.read()
            self._rest = SHORT_REST
            return value
        except (Finished, *UNMENDABLE):
            raise
        except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
            self.failed(error)
            self.stopping.wait(self._rest)
            self._rest = min(2 * self._rest, LONG_REST)
            return None

    def _look_after(self, limit: float) -> None:
        """Tell once of a `read()` that seems to hang. On the event loop."""
        since = self._reading_since if self.state == "on" else float("inf")
        left = min(limit, since + limit - self.now())
        if left <= 0:
            self.notice("XM755", node=self.name, seconds=f"{limit:g}")
        elif not self.stopping.is_set() and self.state not in ("done", "failed"):
            self.after(left, lambda: self._look_after(limit))


class ModelWorker(Worker):
    """Runs a model on what comes along its wires."""

    node: Model

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.begun = Latch()
        """Whether its libraries have been imported, or it will not need any."""

    def has_begun(self) -> None:
        self.begun.set()

    def stop(self) -> None:
        self.begun.set()
        super().stop()

    def work(self) -> None:
        self.begun.set()
        while self.next_event():
            pass

    def react(self, event: Event) -> None:
        self.moment = event.time
        value = self.node.run(event.value)
        self.latency = max(0.0, self.now() - event.time)
        if value is not None:
            self.emit(value, event.time, event, here=True)

    def _close(self, opened: bool) -> None:
        self.begun.set()  # also one that could not be opened
        super()._close(opened)


def never_answered(worker: Worker) -> NodeError | None:
    """Return the first error of a model that has given not one value but errors; None where it has, or had nothing to do.

    One bad frame among good ones fails no run.
    """
    return next(iter(worker.errors.values()), None) if isinstance(worker, ModelWorker) and not worker.events else None
