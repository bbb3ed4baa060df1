"""Runs a project: starts its nodes, hands their events to observers and rules, and leaves everything safe at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from xmaker.drivers import I2C
from xmaker.errors import NodeError, XMakerError, message
from xmaker.nodes import EVERY_NODE, Input, Output, Quantity
from xmaker.plugins import Plugins
from xmaker.project import NodeSpec, Project
from xmaker.project_file import read_settings
from xmaker.rules.engine import RuleEngine
from xmaker.runtime import asked
from xmaker.runtime.clock import Clock, SetClock
from xmaker.runtime.ending import at_end, drain, ending_signals, go_on_to, quiet, stays, wait_for
from xmaker.runtime.failures import Errors
from xmaker.runtime.feed import InputWorker, ModelWorker, never_answered
from xmaker.runtime.hardware import Hardware, board_of, is_hardware
from xmaker.runtime.loop import EventLoop
from xmaker.runtime.observers import Observers
from xmaker.runtime.output import OutputWorker
from xmaker.runtime.stats import NodeStats
from xmaker.runtime.wiring import freshness, goes_on, wire
from xmaker.runtime.worker import Worker
from xmaker.terminal import Terminal
from xmaker.values import Action, Event, Frame, Notice, Sound

if TYPE_CHECKING:
    from xmaker.rules.explain import Why

STOP_SECONDS = 1.3
"""How long stopping the nodes may take, whatever hangs; stopping in all takes at most two seconds."""


class Runtime:
    """One run. `apply(project)` starts it, and later changes it to what another project says; `stop()` ends it."""

    def __init__(
        self,
        plugins: Plugins,
        *,
        clock: Clock | None = None,
        terminal: Terminal | None = None,
        simulate: bool = False,
        i2c: Callable[[int], I2C] | None = None,
    ) -> None:
        self.plugins, self.terminal = plugins, terminal or Terminal()
        self.project = Project("nothing", plugins=plugins)
        self.workers: dict[str, Worker] = {}
        self.failure: XMakerError | None = None
        self.finished = threading.Event()
        """Set when the run is over: every finite input has ended, or a node could not be opened at all."""
        self.endless = False
        """Whether there is something to see after the end of all files: the run stays then, and what plays in place of a
        missing camera or microphone begins again, as they would go on."""
        self.interrupted = threading.Event()
        """Set by Ctrl-C and SIGTERM."""
        self._given_clock, self._simulate, self._i2c = clock, simulate, i2c
        self._started = False
        self._applying, self._ending = threading.Lock(), threading.RLock()

    def _start(self, project: Project) -> None:
        """Make what a run has one of. The clock depends on the project: files that are not paced bring their own time."""
        made = [spec.make() for spec in project.nodes.values()]
        unpaced = any(isinstance(node, Input) and not node.paced for node in made)
        simulate = self._simulate or project.simulate is True
        self.clock = self._given_clock or (SetClock() if unpaced else Clock())
        self.replaying = unpaced and isinstance(self.clock, SetClock)
        """Whether time is a file's: nothing of it may be left out, however slow the outputs are."""
        self.workers = {}
        self.loop = EventLoop(self.clock, self.handle, self._loop_failed)
        self.rules = RuleEngine(self.clock.now, self.loop.timers, self.perform, self._rule_failed)
        self._errors = Errors()
        self.hardware = Hardware(self.plugins, board_of(self.plugins, project, simulate), simulate, self._i2c)
        self.observers = Observers(self.plugins, self.failed)
        self._started = True
        self.loop.start()

    def apply(self, project: Project) -> list[str]:
        """Make the run be this project: start, stop and wire again only what differs from what is running.

        Returns the names of the nodes that were started.
        From any thread; it waits until the event loop has done with what it is at. Raises XMakerError, and changes nothing,
        when a node cannot be made.
        """
        with self._applying:
            first = not self._started
            if first and self.interrupted.is_set():
                return []
            if first:
                self._start(project)
            old = {name: worker.spec for name, worker in self.workers.items()}
            kept = {name for name, spec in project.nodes.items() if name in old and goes_on(old[name], spec)}
            made = {name: self._make(project, spec) for name, spec in project.nodes.items() if name not in kept}
            gone = [worker for name, worker in self.workers.items() if name not in kept]
            self._stop_workers(gone)
            workers = {name: self.workers[name] if name in kept else made[name] for name in project.nodes}
            if not self.loop.call_and_wait(lambda: self._switch(project, workers, gone), timeout=None):
                return []  # the run was stopped meanwhile
            if first:
                self.loop.call_and_wait(self._tell_start)
            order = (OutputWorker, ModelWorker, InputWorker)
            for worker in sorted(made.values(), key=lambda worker: order.index(type(worker))):
                worker.thread.start()
            return [*made]

    def _make(self, project: Project, spec: NodeSpec) -> Worker:
        node = self.hardware.node(spec, never=project.simulate == "never")
        kind = InputWorker if isinstance(node, Input) else OutputWorker if isinstance(node, Output) else ModelWorker
        return kind(spec, node, self)

    def _tell_start(self) -> None:
        if self.hardware.board.simulated and any(is_hardware(spec.type) for spec in self.project.nodes.values()):
            self.handle(Event("xmaker", Notice(message("XM901", "what"), "XM901"), self.clock.now()))
        self.observers.tell("xmaker_start", self.project)

    def _switch(self, project: Project, workers: dict[str, Worker], gone: list[Worker]) -> None:
        """Go over to a project's nodes, wires and rules, between two events. On the event loop."""
        self.project, self.workers = project, workers
        for name, worker in workers.items():
            worker.spec, worker.folder, worker.files = project.nodes[name], project.folder, project.files
        wire(workers)
        for worker in gone:
            self.rules.lost(worker.name)
        fields = {name: spec.fields for name, spec in project.nodes.items()}
        self.rules.apply(project.rules, fields, project.vars, freshness(project, workers))
        self._see_who_watches()

    def _see_who_watches(self) -> None:
        """Have each node send its events to the event loop only if somebody there wants them."""
        self.observers.gather()
        for name, worker in self.workers.items():
            watching = self.observers.of_media if worker.kind in (Frame, Sound) else self.observers.of_all
            worker.watched = self.rules.reads(name) or bool(watching)

    def _observers_changed(self) -> None:
        if self._started:
            self.loop.call(self._see_who_watches)

    def observe(self, observer: object) -> None:
        """Have one more object with hooks watch the run from now on. From any thread."""
        self.plugins.manager.register(observer)
        self._observers_changed()

    def forget(self, observer: object) -> None:
        """Have it watch no longer: then its events cost nothing. From any thread; one or two more may still come."""
        self.plugins.manager.unregister(observer)
        self._observers_changed()

    def handle(self, event: Event) -> None:
        """Show an event to the observers, then to the rules. On the event loop."""
        if self.replaying:
            go_on_to(self, event.time)
        kind = type(event.value)
        for observe in self.observers.of_media if kind is Frame or kind is Sound else self.observers.of_all:
            try:
                observe(event)
            except BaseException as error:  # noqa: BLE001  # a stranger's observer may raise anything
                self.observers.unplug("xmaker_event", observe, error)
        if kind is not Action and kind is not Notice:
            self.rules.event(event)

    def failed(self, error: XMakerError, fatal: bool = False) -> None:
        """Show an error to the observers; a fatal one ends the run. On the event loop."""
        self.observers.tell("xmaker_error", error)
        if fatal:
            self.failure = self.failure or error
            self.finished.set()

    def _rule_failed(self, error: NodeError) -> None:
        if self._errors.is_new(error):
            self.failed(error)

    def _loop_failed(self, error: BaseException) -> None:
        self._rule_failed(NodeError.of("XM501", node="xmaker", reason=f"{type(error).__name__}: {error}"))

    def ended(self, worker: Worker) -> None:
        """A node's thread is over. When every finite input has ended, so has the run. On the event loop."""
        if worker.stopping.is_set():
            return
        if worker.state == "failed":
            self.rules.lost(worker.name)
        if isinstance(worker.node, Input) and at_end(self):
            self.finished.set()

    def perform(self, node: str, action: str, args: tuple[Any, ...], cause: Event | None) -> None:
        """Have a node do an action, in its turn. On the event loop."""
        worker = self.workers[node]
        if action in EVERY_NODE:
            paused = action == "pause"
            if worker.paused is not paused:
                worker.paused = paused
                self.handle(Event(node, Action(action), self.clock.now(), 0, cause))
        elif isinstance(worker, OutputWorker):
            worker.perform(action, args, cause)

    def do(self, step: str) -> None:
        """Have a node do something, as a rule would, in its turn: `do("lamp.brightness(0.5)")`. From any thread.

        Raises XMakerError, in the words that a rule would get.
        """
        node, action, args = asked.action_of(self.project, step, dict(self.rules.values))
        self.loop.call(lambda: self.perform(node, action, args, None) if node in self.workers else None)

    def quiet(self) -> bool:
        """Return whether nothing is on its way (see `runtime/ending.py`)."""
        return quiet(self)

    def stats(self) -> list[NodeStats]:
        """Return what every node has done so far."""
        return [worker.stats() for worker in self.workers.values()]

    def explain(self) -> list[Why]:
        """Return where each rule stands and what it still waits for. From any thread; it costs the event loop nothing."""
        from xmaker.rules.explain import explain

        return explain(self.rules) if self.workers else []

    def settable(self) -> dict[str, Quantity]:
        """Return what `set` can set: every field of the simulated sensors, as `room.value`."""
        return asked.settable(self.workers)

    def set(self, name: str, value: float | bool | str) -> None:
        """Have a simulated sensor show a value from now on: `set("room.value", 3)`. From any thread. Raises ProjectError."""
        asked.show(self.workers, name, value)

    def set_typed(self, text: str) -> None:
        """As `set`, of what somebody typed: `room.value=3`."""
        for node, values in read_settings([text]).items():
            for field, value in values.items():
                self.set(f"{node}.{field}", value)

    def run(self, project: Project | None, seconds: float | None = None) -> bool:
        """Run until the end, for `seconds`, or until Ctrl-C, SIGTERM or SIGHUP; return whether one of these ended it.

        An `endless` run stands still at its end, and stays. Without a project the run begins when somebody applies one.
        Raises XMakerError when a node cannot be opened at all, and at the end when a model has given nothing but errors.
        """
        self.finished.clear()
        self.interrupted.clear()
        self.failure = None
        with ending_signals(self.interrupted, self.finished), self.terminal.suspendable():
            try:
                if project is not None:
                    self.apply(project)
                deadline = float("inf") if seconds is None else time.monotonic() + seconds
                while wait_for(self.finished, deadline) and self._started:
                    drain(self, deadline)
                    if not stays(self):
                        break
            finally:
                self.stop()
        if not self.interrupted.is_set():
            self.failure = self.failure or next(filter(None, map(never_answered, self.workers.values())), None)
        if self.failure is not None:
            raise self.failure
        return self.interrupted.is_set()

    def stop(self) -> None:
        """End the run, from any thread: every output safe, every thread asked to end, drivers closed; at most 2 seconds."""
        with self._ending:  # whoever comes second returns when all is safe, too
            if not self._started:
                return
            self._started = False
            self._stop_workers(list(self.workers.values()))
            self.loop.call_and_wait(partial(self.observers.tell, "xmaker_stop", self.project), 0.3)
            self.loop.stop()
            self.hardware.close()
            self.terminal.close()
            self.finished.set()

    def _stop_workers(self, workers: list[Worker]) -> None:
        """Stop nodes. Each output is left safe by its own thread; for one that hangs, somebody else tries."""
        deadline = time.monotonic() + STOP_SECONDS
        for worker in workers:
            worker.stop()  # also one that `apply` is about to start
        running = [worker for worker in workers if worker.thread.ident is not None]
        self.clock.interrupt()
        outputs = [worker for worker in running if isinstance(worker, OutputWorker)]
        for output in outputs:
            output.thread.join(max(0.05, deadline - 1.0 - time.monotonic()))
        hanging = [output for output in outputs if output.thread.is_alive()]
        rescuers = [threading.Thread(target=output.make_safe, daemon=True) for output in hanging]
        for rescuer in rescuers:
            rescuer.start()
        for thread in [*rescuers, *(worker.thread for worker in running)]:
            if thread is not threading.current_thread():
                thread.join(max(0.01, deadline - time.monotonic()))
        for output in outputs:
            if output.thread.is_alive() and output.state in ("on", "done"):
                output.failed(NodeError.of("XM756", node=output.name))
