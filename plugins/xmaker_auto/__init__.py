"""`engine: auto` measures, once for each board and model, which engine, file and number of threads is the fastest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

import msgspec

from xmaker import Engine, ModelCard, Session, hookimpl


class Auto(Engine):
    """The fastest engine here whose answers agree with those of the model's own file."""

    name: ClassVar[str] = "auto"
    suffixes: ClassVar[tuple[str, ...]] = ()
    threads: ClassVar[int] = os.cpu_count() or 1

    def files(self, path: Path) -> list[Path]:
        return [path]

    def load(self, card: ModelCard, threads: int) -> Session:
        from xmaker_auto.choosing import choice  # every start imports this file, and hardly one chooses

        best = choice(self, card, threads)
        engine = next(one for one in self.others if one.name == best.engine)()
        engine.paced = self.paced
        return engine.load(msgspec.structs.replace(card, path=Path(best.file)), best.threads)


@hookimpl
def xmaker_engines() -> list[type[Engine]]:
    return [Auto]
