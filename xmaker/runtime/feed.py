"""Inputs and models at work: where values come from, and what is made of them."""

from __future__ import annotations

from xmaker.nodes import Finished, Input, Model, Stamped
from xmaker.runtime.worker import UNMENDABLE, Worker
from xmaker.values import Event


class InputWorker(Worker):
    """Reads an input, as fast as it gives or every `every` seconds."""

    node: Input
    end_time = 0.0

    def work(self) -> None:
        every = getattr(self.node, "every", None)
        next_time, wait = self.now(), 0.05
        while not self.stopping.is_set():
            try:
                value = self.node.read()
                wait = 0.05
            except Finished as end:
                self.end_time = end.time
                return
            except UNMENDABLE:
                raise
            except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
                self.failed(error)
                self.stopping.wait(wait)
                wait = min(2 * wait, 1.0)
                value = None
            if value is not None:
                if type(value) is Stamped:
                    self.emit(value.value, value.time)
                else:
                    self.emit(value)
            if every:
                next_time = max(next_time + every, self.now())
                self.sleep(next_time)
            elif value is None:
                self.stopping.wait(0.001)  # read() should have blocked; do not let it eat the processor


class ModelWorker(Worker):
    """Runs a model on what comes along its wires."""

    node: Model

    def work(self) -> None:
        while self.next_event():
            pass

    def react(self, event: Event) -> None:
        self.moment = event.time
        value = self.node.run(event.value)
        self.latency = max(0.0, self.now() - event.time)
        if value is not None:
            self.emit(value, event.time, event)
