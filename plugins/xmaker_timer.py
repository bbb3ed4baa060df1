"""Ticks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import Input, Quantity, Reading, Seconds, hookimpl


@dataclass
class Timer(Input):
    """Counts 1, 2, 3, … one tick every so often; the first comes after one period.
    计数 1、2、3……每隔一段时间一次；过了第一段时间才给出第一个。
    """

    use: ClassVar[str] = "timer"
    gives: ClassVar = {"count": Quantity("", 0, 1000)}
    every: Seconds = 1.0
    """How long from one tick to the next.
    每隔多久响一次。"""
    _count: int = field(init=False, default=-1, repr=False)

    def read(self) -> Reading | None:
        self._count += 1
        return Reading(count=self._count) if self._count else None


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Timer]
