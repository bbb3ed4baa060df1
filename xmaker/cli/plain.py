"""What a run shows where there is no live view: plain lines, JSON lines, or only what the project itself prints."""

from __future__ import annotations

import sys
import time
import traceback as tracebacks
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext

from xmaker import Action, Event, Label, Model, NodeError, Notice, Project, ProjectError, Runtime, XMakerError, hookimpl
from xmaker.terminal import Terminal
from xmaker.words import value_words, width

SAME_SECONDS = 10.0
"""Nodes on one board lose it together: in this time the same words are said once."""


class Quiet(Terminal):
    """Shows what the project's own nodes print, and errors. The base of the others; they watch events as plugins do."""

    runtime: Runtime
    traceback = False

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        self.progress: Callable[[Runtime], AbstractContextManager[object]] | None = None
        """Shows how far files have been read, where somebody looks."""
        self.reported: list[XMakerError] = []
        self.beside: list[Callable[[Runtime], AbstractContextManager[object]]] = []
        """What goes on beside the run: a panel, a look at the file."""
        self._speakers: set[str] = set()
        self._said: dict[str, float] = {}
        """Error → when it was last said."""

    def play(self, seconds: float | None = None, simulate: bool = False) -> bool:
        """Run the project here; return whether the user stopped it. Raises XMakerError, but none that was shown already."""
        self.runtime = Runtime(self.project.plugins, terminal=self, simulate=simulate)
        self.project.plugins.manager.register(self, name="xmaker")
        try:
            with ExitStack() as stack:
                for beside in self.beside:
                    stack.enter_context(beside(self.runtime))
                stack.enter_context(self.shown())
                return self.runtime.run(self.project if self.project.nodes else None, seconds)
        except NodeError as error:
            if error not in self.reported:
                raise
            return False
        finally:
            self.close()

    def shown(self) -> AbstractContextManager[object]:
        """Return what has to be entered to show the run."""
        return self.progress(self.runtime) if self.progress else nullcontext()

    def write(self, line: str, node: str = "") -> None:
        self._speakers.add(node)
        self.print(line)

    def print(self, line: str, style: str = "") -> None:
        """Print one line; when nobody can read it (`| head -1`, a full disk), end the run without a word."""
        try:
            self._print(line, style)
        except (OSError, ValueError):
            self.give_up()

    def _print(self, line: str, style: str) -> None:
        super().write(line)

    def give_up(self) -> None:
        """End the run without a word: nobody sees what is printed."""
        self.runtime.failure = NodeError()
        self.reported.append(self.runtime.failure)
        self.runtime.finished.set()

    @hookimpl
    def xmaker_start(self, project: Project) -> None:
        if self.runtime.settable():
            self.take_settings()

    def take_settings(self) -> None:
        """Let values be set while the project runs: here, by the lines of a pipe."""
        self.read_pipe(self.set_typed)

    def set_typed(self, text: str) -> bool:
        """Set a value; return whether that could be done."""
        try:
            self.runtime.set_typed(text)
        except ProjectError as error:
            print(error.show(), file=sys.stderr, flush=True)
            return False
        return True

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        self.reported.append(error)
        shown, now = error.show(), time.monotonic()
        before, self._said[shown] = self._said.get(shown, float("-inf")), now
        if now - before < SAME_SECONDS:
            return
        print(shown, file=sys.stderr, flush=True)
        if self.traceback and error.__cause__ is not None:
            tracebacks.print_exception(error.__cause__)


class JsonLines(Quiet):
    """Prints every event as one line of JSON, and nothing else."""

    def write(self, line: str, node: str = "") -> None:
        """The line is on the event stream already, as an action."""

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        self.print(event.json_line())


class PlainLines(Quiet):
    """Prints what models find whenever it changes, actions, notices, and what nodes print."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._last: dict[str, object] = {}

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        nodes, value = self.runtime.project.nodes, event.value
        node_type = nodes[event.node].type if event.node in nodes else None
        words = value_words(value, getattr(node_type, "gives", None))
        if isinstance(value, Notice):
            self.print(value.notice)
        elif isinstance(value, Action):
            if event.node not in self._speakers:  # what those do is printed by themselves
                self._line(event.node, words)
        elif node_type and issubclass(node_type, Model):
            what = (str(value.label) if isinstance(value, Label) else words, event.source)
            if words and (what != self._last.get(event.node) or getattr(value, "momentary", False)):
                self._line(event.node, f"{words}  {event.source}".rstrip())
            self._last[event.node] = what

    def _line(self, node: str, words: str) -> None:
        longest = max(map(width, self.runtime.project.nodes), default=0)
        self.print(f"{node}{' ' * (longest - width(node))}  {words}")
