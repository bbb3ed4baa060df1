"""Nodes with which things go wrong, and a lamp's pin that is a file: a plugin of the projects that are run here."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Driver, Handle, Input, Label, Model, Output, Quantity, Reading, Seconds, Value, action, hookimpl

FOLDER = Path(__file__).resolve().parents[1]


class FilePin:
    """Each level becomes a line of a file."""

    def __init__(self, name: str) -> None:
        self.file = (FOLDER / f"pin{name}").open("a", buffering=1)

    def write(self, value: float) -> None:
        self.file.write(f"{value:g}\n")

    def read(self) -> Any: ...

    def close(self) -> None:
        self.file.write("freed\n")
        self.file.close()


class Files(Driver):
    """Pins that are files."""

    name: ClassVar[str] = "files"
    boards: ClassVar[tuple[str, ...]] = ("files",)
    on_usb: ClassVar[tuple[str, ...]] = ("files",)

    def output(self, pin: str) -> Handle:
        return FilePin(pin)


@dataclass
class Hangs(Input):
    """Counts, and hangs from the third reading on, as a library that waits for ever."""

    use: ClassVar[str] = "hangs"
    gives: ClassVar = {"value": Quantity()}
    every: Seconds = 0.1
    _count: int = field(init=False, default=0, repr=False)

    def read(self) -> Reading:
        self._count += 1
        if self._count > 3:
            threading.Event().wait()
        return Reading(self._count)


@dataclass
class Raises(Input):
    """Has a mistake that comes with every reading."""

    use: ClassVar[str] = "raises"
    gives: ClassVar = {"value": Quantity()}
    every: Seconds = 0.05

    def read(self) -> Reading:
        return Reading(1 / 0)


@dataclass
class RaisingModel(Model):
    use: ClassVar[str] = "raising_model"
    takes: ClassVar = (Value,)
    gives: ClassVar = Label

    def run(self, value: Any) -> Label:
        raise KeyError("cat")


@dataclass
class RaisingOutput(Output):
    use: ClassVar[str] = "raising_output"

    @action
    def go(self) -> None:
        raise ValueError("no")


@dataclass
class Hanging(Output):
    """Hangs where its kinds say."""

    blocking: ClassVar[bool] = True

    @action
    def go(self) -> None: ...


@dataclass
class HangingClose(Hanging):
    use: ClassVar[str] = "hanging_close"

    def close(self) -> None:
        threading.Event().wait()


@dataclass
class HangingSafe(Hanging):
    use: ClassVar[str] = "hanging_safe"

    def safe(self) -> None:
        threading.Event().wait()


@dataclass
class HangingAct(Hanging):
    use: ClassVar[str] = "hanging_act"

    @action
    def go(self) -> None:
        threading.Event().wait()


@dataclass
class SlowSafe(Output):
    """Takes its time to stop, as a motor that runs out."""

    use: ClassVar[str] = "slow_safe"

    @action
    def go(self) -> None: ...

    def safe(self) -> None:
        time.sleep(0.8)
        (FOLDER / "safe").touch()


@dataclass
class Spins(Input):
    """Has a loop without an end."""

    use: ClassVar[str] = "spins"
    gives: ClassVar = {"value": Quantity()}

    def read(self) -> Reading:
        while True:
            pass


@hookimpl
def xmaker_nodes() -> list[type[Any]]:
    return [Hangs, Raises, RaisingModel, RaisingOutput, HangingClose, HangingSafe, HangingAct, SlowSafe, Spins]


@hookimpl
def xmaker_drivers() -> list[type[Driver]]:
    return [Files]
