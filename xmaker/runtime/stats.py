"""What a running node tells of itself."""

from __future__ import annotations

import msgspec


class NodeStats(msgspec.Struct, frozen=True):
    """What a running node has done so far, for the live view."""

    name: str
    state: str
    events: int
    dropped: int
    errors: int
    latency: float
    """Seconds from the moment of capture to the node's latest result."""
