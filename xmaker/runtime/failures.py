"""What has failed in a run: said once for each kind, in the words of the error itself."""

from __future__ import annotations

from xmaker.errors import NodeError, Problem, XMakerError

MOST_KINDS = 100
"""So many kinds of error of a node are told apart by their words."""


class Errors(dict[str, NodeError]):
    """What has failed: each kind once, then only counted."""

    def is_new(self, error: NodeError) -> bool:
        """Take an error; return whether it is the first of its kind."""
        # an error whose words change every time must fill neither the memory nor the screen
        known = self.setdefault(str(error) if len(self) < MOST_KINDS else type(error.__cause__).__name__, error)
        if known is not error:
            known.count += 1
        return known is error


def problems_of(node: str, error: BaseException) -> list[Problem]:
    """Say whose error it was, in the words of the error itself."""
    if isinstance(error, XMakerError):
        if error.problems:
            return list(error.problems)
        return [Problem("XM502", {"node": node, "reason": str(error), "hint": error.hint})]
    return [Problem("XM501", {"node": node, "reason": f"{type(error).__name__}: {error}" if str(error) else repr(error)})]
