"""Runs a project: starts its nodes, hands their events to observers and rules, and leaves everything safe at the end."""

from __future__ import annotations

import dataclasses
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from xmaker.drivers import I2C, Board
from xmaker.errors import NodeError, ProjectError, XMakerError, message
from xmaker.nodes import Input, Output
from xmaker.plugins import Plugins
from xmaker.project import NodeSpec, Project
from xmaker.rules.engine import RuleEngine
from xmaker.runtime.clock import Clock, RealClock, SetClock
from xmaker.runtime.hardware import Hardware, is_hardware
from xmaker.runtime.loop import EventLoop
from xmaker.runtime.output import OutputWorker
from xmaker.runtime.wiring import freshness, wire
from xmaker.runtime.worker import InputWorker, ModelWorker, NodeStats, Worker
from xmaker.terminal import Terminal
from xmaker.values import Action, Event, Frame, Notice, Sound

STOP_SECONDS = 1.3
"""How long stopping the nodes may take, whatever hangs; stopping in all takes at most two seconds."""

DRAIN_SECONDS = 5.0
"""How long the end of a paced file waits for what is on its way, where other inputs go on and on."""

ENDING_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C, `kill`, and the terminal window closed (which Windows does not tell)."""

Observer = Callable[[Any], None]


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
        self.interrupted = threading.Event()
        """Set by Ctrl-C and SIGTERM."""
        self._given_clock, self._simulate, self._i2c = clock, simulate, i2c
        self._started = False
        self._applying = threading.Lock()

    def _start(self, project: Project) -> None:
        """Make what a run has one of. The clock depends on the project: files that are not paced bring their own time."""
        made = [spec.make() for spec in project.nodes.values()]
        unpaced = any(isinstance(node, Input) and not node.paced for node in made)
        self.clock: Clock = self._given_clock or (SetClock() if unpaced else RealClock())
        self._replay = self.clock if unpaced and isinstance(self.clock, SetClock) else None
        self.workers = {}
        self.loop = EventLoop(self.clock, self.handle, self._loop_failed)
        self.rules = RuleEngine(self.clock.now, self.loop.timers, self.perform, self._rule_failed)
        self._rule_errors: dict[str, NodeError] = {}
        self.hardware = Hardware(self.plugins, self._board(project), self._simulate or project.simulate is True, self._i2c)
        self._observe(self._listeners("xmaker_event"))
        self._error_observers = self._listeners("xmaker_error")
        self._started = True
        self.loop.start()

    def _board(self, project: Project) -> Board:
        """Return the computer that this is, or the one that the project is for, simulated. Raises ProjectError."""
        found = self.plugins.board()
        if project.board in ("", found.name):
            return found
        if project.board != "simulator" and not (self._simulate or project.simulate is True):
            raise ProjectError.of("XM622", board=project.board, found=found.title)
        return Board(project.board, project.board, "simulator", simulated=True)

    def _listeners(self, hook: str) -> list[tuple[str, Observer, bool]]:
        """Return (plugin, function, wants frames and sounds) of everyone who listens."""
        found = []
        for implementation in getattr(self.plugins.manager.hook, hook).get_hookimpls():
            wants_media = bool(getattr(implementation.plugin, "xmaker_wants_media", False))
            found.append((implementation.plugin_name, implementation.function, wants_media))
        return found

    def _observe(self, observers: list[tuple[str, Observer, bool]]) -> None:
        self._observers = observers
        self._watchers = [observe for _, observe, _ in observers]
        self._media_watchers = [observe for _, observe, wants_media in observers if wants_media]

    def apply(self, project: Project) -> None:
        """Make the run be this project: start, stop and wire again only what differs from what is running.

        Raises XMakerError, and changes nothing, when a node cannot be made.
        """
        with self._applying:
            first = not self._started
            if first:
                self._start(project)
            old = {name: worker.spec for name, worker in self.workers.items()}
            kept = {name for name, spec in project.nodes.items() if name in old and _same(old[name], spec)}
            made = {name: self._make(project, spec) for name, spec in project.nodes.items() if name not in kept}
            gone = [worker for name, worker in self.workers.items() if name not in kept]
            self._stop_workers(gone)
            workers = {name: self.workers[name] if name in kept else made[name] for name in project.nodes}
            self.loop.call_and_wait(lambda: self._switch(project, workers, gone))
            if first:
                self.loop.call_and_wait(self._tell_start)
            order = (OutputWorker, ModelWorker, InputWorker)
            for worker in sorted(made.values(), key=lambda worker: order.index(type(worker))):
                worker.thread.start()

    def _make(self, project: Project, spec: NodeSpec) -> Worker:
        node = self.hardware.node(spec, never=project.simulate == "never")
        kind = InputWorker if isinstance(node, Input) else OutputWorker if isinstance(node, Output) else ModelWorker
        return kind(spec, node, self)

    def _tell_start(self) -> None:
        if self.hardware.board.simulated and any(is_hardware(spec.type) for spec in self.project.nodes.values()):
            self.handle(Event("xmaker", Notice(message("XM901", "what"), "XM901"), self.clock.now()))
        self._tell("xmaker_start")

    def _tell(self, hook: str) -> None:
        """Tell everyone who listens that the run has started or ended. On the event loop."""
        for name, listen, _ in self._listeners(hook):
            try:
                listen(self.project)
            except BaseException as error:  # noqa: BLE001  # a stranger's observer may raise anything
                self.failed(NodeError.of("XM509", plugin=name, reason=f"{type(error).__name__}: {error}"), False)

    def _switch(self, project: Project, workers: dict[str, Worker], gone: list[Worker]) -> None:
        """Go over to a project's nodes, wires and rules, between two events. On the event loop."""
        self.project, self.workers = project, workers
        for name, worker in workers.items():
            worker.spec = project.nodes[name]
        wire(workers)
        for worker in gone:
            self.rules.lost(worker.name)
        fields = {name: spec.fields for name, spec in project.nodes.items()}
        self.rules.apply(project.rules, fields, project.vars, freshness(project, workers))
        self._watch()

    def _watch(self) -> None:
        """Decide whose events the loop gets: those that rules read, and what observers want."""
        media_wanted = any(media for _, _, media in self._observers)
        for name, worker in self.workers.items():
            is_media = getattr(worker.node, "gives", None) in (Frame, Sound)
            observed = media_wanted if is_media else bool(self._observers)
            worker.watched = observed or self.rules.reads(name)

    def handle(self, event: Event) -> None:
        """Show an event to the observers, then to the rules. On the event loop."""
        if self._replay is not None:
            self._go_on_to(event.time)
        kind = type(event.value)
        for observe in self._media_watchers if kind is Frame or kind is Sound else self._watchers:
            try:
                observe(event)
            except BaseException as error:  # noqa: BLE001  # a stranger's observer may raise anything
                self._unplug(observe, error)
        if kind is not Action and kind is not Notice:
            self.rules.event(event)

    def _unplug(self, observe: Observer, error: BaseException) -> None:
        name = next(name for name, other, _ in self._observers if other is observe)
        self._observe([observer for observer in self._observers if observer[1] is not observe])
        self.failed(NodeError.of("XM509", plugin=name, reason=f"{type(error).__name__}: {error}"), False)

    def failed(self, error: NodeError, fatal: bool) -> None:
        """Show an error to the observers; a fatal one ends the run. On the event loop."""
        for name, observe, _ in self._error_observers:
            try:
                observe(error)
            except BaseException:  # noqa: BLE001  # it cannot be told to the one who failed
                self._error_observers = [other for other in self._error_observers if other[0] != name]
        if error.node:
            worker = self.workers.get(error.node)
            if worker and worker.state in ("failed", "lost"):
                self.rules.lost(error.node)
        if fatal:
            self.failure = self.failure or error
            self.finished.set()

    def _rule_failed(self, error: NodeError) -> None:
        known = self._rule_errors.setdefault(str(error), error)
        if known is not error:
            known.count += 1
        else:
            self.failed(error, False)

    def _loop_failed(self, error: BaseException) -> None:
        self._rule_failed(NodeError.of("XM501", node="xmaker", reason=f"{type(error).__name__}: {error}"))

    def ended(self, worker: Worker) -> None:
        """A node's thread is over. When every finite input has ended, so has the run. On the event loop."""
        if isinstance(worker.node, Input) and not worker.stopping.is_set():
            if worker.state != "done":
                self.rules.lost(worker.name)
            finite = [other for other in self.workers.values() if isinstance(other.node, Input) and other.node.finite]
            if finite and all(other.state in ("done", "failed") for other in finite):
                self.finished.set()

    def perform(self, node: str, action: str, args: tuple[Any, ...], cause: Event | None) -> None:
        """Have a node do an action, in its turn. On the event loop."""
        worker = self.workers[node]
        if action in ("pause", "resume"):
            paused = action == "pause"
            if worker.paused is not paused:
                worker.paused = paused
                self.handle(Event(node, Action(action), self.clock.now(), 0, cause))
        elif isinstance(worker, OutputWorker):
            worker.perform(action, args, cause)

    @property
    def replaying(self) -> bool:
        """Whether time is a file's: nothing of it may be left out, however slow the outputs are."""
        return self._replay is not None

    def stats(self) -> list[NodeStats]:
        """Return what every node has done so far."""
        return [worker.stats() for worker in self.workers.values()]

    def quiet(self) -> bool:
        """Return whether nothing is on its way: no event in a mailbox, at work or before the loop.

        Inputs count only under a clock that is set: there, one that is not asleep is about to send something.
        """
        before = self._counts()
        if not self._all_at_rest():
            return False
        self.loop.call_and_wait(lambda: None)  # what was sent has been handled now
        return before == self._counts() and self._all_at_rest()

    def _all_at_rest(self) -> bool:
        return all(self._at_rest(worker) for worker in self.workers.values())

    def _at_rest(self, worker: Worker) -> bool:
        tests_clock = self.clock if isinstance(self.clock, SetClock) and self._replay is None else None
        if isinstance(worker, InputWorker) and tests_clock is None:
            return True
        asleep = tests_clock is not None and tests_clock.sleeping.get(worker.thread.ident or 0, 0.0) > tests_clock.now()
        if any(box.waiting() for box in worker.inbound) or not (worker.idle or asleep):
            return False
        return not (worker.state == "on" and worker.has_other_work())

    def _counts(self) -> list[int]:
        return [worker.events + sum(box.done_count for box in worker.inbound) for worker in self.workers.values()]

    def drain(self) -> None:
        """Let everything that is on its way arrive. A file's time goes on to its end and past every `wait`."""
        if self._replay is None:
            self._until_quiet(DRAIN_SECONDS)
            return
        self._until_quiet()
        moment: float | None = max(worker.end_time for worker in self.workers.values() if isinstance(worker, InputWorker))
        while moment is not None and not self.interrupted.is_set():
            self.loop.call_and_wait(partial(self._go_on_to, moment))
            self._until_quiet()
            moment = self.loop.timers.next_time() if self.rules.pending() else None

    def _until_quiet(self, seconds: float = float("inf")) -> None:
        deadline = time.monotonic() + seconds
        while not self.quiet() and not self.failure and not self.interrupted.is_set() and time.monotonic() < deadline:
            time.sleep(0.002)

    def _go_on_to(self, moment: float) -> None:
        """Set a file's time, stopping at each timer on the way. On the event loop."""
        assert self._replay is not None
        while (due := self.loop.timers.next_time()) is not None and due <= moment:
            self._replay.set(due)
            self.loop.timers.run(due)
        self._replay.set(moment)

    def run(self, project: Project, seconds: float | None = None) -> bool:
        """Run until the end, for `seconds`, or until Ctrl-C or SIGTERM; return whether one of these two ended it.

        Raises XMakerError when a node cannot be opened at all.
        """

        def interrupt(*_: object) -> None:
            if self.interrupted.is_set():
                raise KeyboardInterrupt  # pressed twice: now
            self.interrupted.set()
            self.finished.set()

        self.finished.clear()
        self.interrupted.clear()
        self.failure = None
        main = threading.current_thread() is threading.main_thread()
        old = {number: signal.signal(number, interrupt) for number in ENDING_SIGNALS} if main else {}
        try:
            self.apply(project)
            in_time = self._wait(seconds)
            if in_time and not self.interrupted.is_set() and self.failure is None:
                self.drain()
        finally:
            try:
                self.stop()
            finally:
                for number, handler in old.items():
                    signal.signal(number, handler)
        if self.failure is not None:
            raise self.failure
        return self.interrupted.is_set()

    def _wait(self, seconds: float | None) -> bool:
        """Wait for the end of the run, `seconds` at most; return whether it came."""
        end = float("inf") if seconds is None else time.monotonic() + seconds
        # Python sees a signal that comes just before it falls asleep only when it wakes: so it wakes now and then.
        while not self.finished.wait(max(0.0, min(0.5, end - time.monotonic()))):
            if time.monotonic() >= end:
                return False
        return True

    def stop(self) -> None:
        """End the run: every output safe, every thread asked to end, drivers closed; at most 2 seconds."""
        if not self._started:
            return
        self._started = False
        self._stop_workers(list(self.workers.values()))
        self.loop.call_and_wait(partial(self._tell, "xmaker_stop"), 0.3)
        self.loop.stop()
        self.hardware.close()
        self.terminal.give_keys()

    def _stop_workers(self, workers: list[Worker]) -> None:
        """Stop nodes. Each output is left safe by its own thread; for one that hangs, somebody else tries."""
        deadline = time.monotonic() + STOP_SECONDS
        running = [worker for worker in workers if worker.thread.ident is not None]
        for worker in running:
            worker.stop()
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


def _same(old: NodeSpec, new: NodeSpec) -> bool:
    """Whether a node can go on running: its wires may differ, they are laid anew, and `fresh` is the rules' business."""
    return dataclasses.replace(old, wires=(), fresh=None) == dataclasses.replace(new, wires=(), fresh=None)
