"""The runtime: what happens between `xmaker run` and the end."""

from xmaker.runtime.clock import Clock, RealClock, SetClock
from xmaker.runtime.runtime import Runtime
from xmaker.runtime.worker import NodeStats

__all__ = ["Clock", "NodeStats", "RealClock", "Runtime", "SetClock"]
