"""Who watches a run: plugins with the hooks xmaker_start, xmaker_event, xmaker_error and xmaker_stop.

They are called one by one, so that one that raises is told of and unplugged, and the others still see everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xmaker.errors import NodeError
from xmaker.plugins import Plugins

HOOKS = ("xmaker_start", "xmaker_event", "xmaker_error", "xmaker_stop")


class Observers:
    """The observers of one run. Everything happens on the event loop."""

    def __init__(self, plugins: Plugins, failed: Callable[[NodeError], None]) -> None:
        self._failed, self._hooks = failed, plugins.manager.hook
        self._unplugged: list[Callable[[Any], None]] = []
        self.gather()

    def gather(self) -> None:
        """Find out who listens now, and make the two lists that the event loop goes through for each event."""
        found = {hook: getattr(self._hooks, hook).get_hookimpls() for hook in HOOKS}
        self._listeners = {hook: [one for one in all_ if one.function not in self._unplugged] for hook, all_ in found.items()}
        listeners = self._listeners["xmaker_event"]
        self.of_all = [listener.function for listener in listeners]
        self.of_media = [one.function for one in listeners if getattr(one.plugin, "xmaker_wants_media", False)]

    def tell(self, hook: str, what: Any) -> None:
        """Tell everyone who listens that the run has started or ended, or of an error."""
        for listener in tuple(self._listeners[hook]):
            try:
                listener.function(what)
            except BaseException as error:  # noqa: BLE001  # a stranger's observer may raise anything
                self.unplug(hook, listener.function, error)

    def unplug(self, hook: str, function: Callable[[Any], None], error: BaseException) -> None:
        """Leave out from now on what has failed, and tell of it."""
        listener = next(one for one in self._listeners[hook] if one.function is function)
        self._unplugged.append(function)
        self.gather()
        self._failed(NodeError.of("XM509", plugin=listener.plugin_name, reason=f"{type(error).__name__}: {error}"))
