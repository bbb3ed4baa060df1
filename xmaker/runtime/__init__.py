"""The runtime: what happens between `xmaker run` and the end."""

from xmaker.runtime.clock import Clock, SetClock
from xmaker.runtime.runtime import Runtime
from xmaker.runtime.stats import NodeStats

__all__ = ["Clock", "NodeStats", "Runtime", "SetClock"]
