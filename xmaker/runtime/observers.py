"""Who watches a run: plugins with the hooks xmaker_start, xmaker_event, xmaker_error and xmaker_stop.

They are called one by one, so that one that raises is told of and unplugged, and the others still see everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xmaker.errors import NodeError
from xmaker.plugins import Plugins
from xmaker.project import Project
from xmaker.values import Frame, Sound

Observe = Callable[[Any], None]


class Observers:
    """The observers of one run. Everything happens on the event loop."""

    def __init__(self, plugins: Plugins, failed: Callable[[NodeError], None]) -> None:
        self._plugins, self._failed = plugins, failed
        self._events = self._listeners("xmaker_event")
        self._errors = self._listeners("xmaker_error")
        self._sort()

    def _listeners(self, hook: str) -> list[tuple[str, Observe, bool]]:
        """Return (plugin, function, wants frames and sounds) of everyone who listens."""
        found = []
        for implementation in getattr(self._plugins.manager.hook, hook).get_hookimpls():
            wants_media = bool(getattr(implementation.plugin, "xmaker_wants_media", False))
            found.append((implementation.plugin_name, implementation.function, wants_media))
        return found

    def _sort(self) -> None:
        """Make the two lists that the event loop goes through for each event."""
        self.of_all = [observe for _, observe, _ in self._events]
        self.of_media = [observe for _, observe, wants_media in self._events if wants_media]

    def want(self, gives: object) -> bool:
        """Return whether anyone watches nodes that give this."""
        return bool(self.of_media if gives in (Frame, Sound) else self.of_all)

    def unplug(self, observe: Observe, error: BaseException) -> None:
        """Tell of an observer that failed at an event, and leave it out from now on."""
        name = next(name for name, other, _ in self._events if other is observe)
        self._events = [observer for observer in self._events if observer[1] is not observe]
        self._sort()
        self._failed(_unplugged(name, error))

    def error(self, error: NodeError) -> None:
        """Show an error to everyone who listens."""
        for name, observe, _ in self._errors:
            try:
                observe(error)
            except BaseException:  # noqa: BLE001  # it cannot be told to the one who failed
                self._errors = [other for other in self._errors if other[0] != name]

    def tell(self, hook: str, project: Project) -> None:
        """Tell everyone who listens that the run has started or ended."""
        for name, listen, _ in self._listeners(hook):
            try:
                listen(project)
            except BaseException as error:  # noqa: BLE001  # a stranger's observer may raise anything
                self._failed(_unplugged(name, error))


def _unplugged(name: str, error: BaseException) -> NodeError:
    return NodeError.of("XM509", plugin=name, reason=f"{type(error).__name__}: {error}")
