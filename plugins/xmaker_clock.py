"""The time of day."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from xmaker import Input, Quantity, Reading, Seconds, hookimpl


@dataclass
class Clock(Input):
    """The computer's time: `when: clock.hour >= 18`, `when: clock.time == "07:30"`. A Raspberry Pi gets it from the network.
    电脑的时间：`when: clock.hour >= 18`、`when: clock.time == "07:30"`。树莓派从网络对时。
    """

    use: ClassVar[str] = "clock"
    gives: ClassVar = {
        "time": Quantity(kind="text", example="07:30"),
        "hour": Quantity("h", 0, 23),
        "minute": Quantity("min", 0, 59),
        "second": Quantity("s", 0, 59),
        "weekday": Quantity("", 1, 7),
        "date": Quantity(kind="text", example="2025-01-31"),
    }
    every: Seconds = 1.0
    """How long from one look at the time to the next.
    每隔多久看一次时间。"""

    def read(self) -> Reading:
        now = time.localtime()
        return Reading(
            time=time.strftime("%H:%M", now),
            hour=now.tm_hour,
            minute=now.tm_min,
            second=min(now.tm_sec, 59),  # a leap second is no time of its own
            weekday=now.tm_wday + 1,  # Monday is 1 (ISO 8601)
            date=time.strftime("%Y-%m-%d", now),
        )


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Clock]
