"""A network in memory, run as XMaker's usual engine runs its file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xmaker import ProjectError, Session
from xmaker.values import Array
from xmaker_toolbox.quantizing.runtime import onnxruntime

BLOCKS, BLOCK = 12, 3
"""Networks are timed in turn, so many times, so many runs each; the first of them does not count: its caches are cold."""
SECONDS = 3.0
"""How long timing goes on at most, for each network; a slow one is timed at least once."""


class Network:
    """A session, as Engine.load returns it."""

    def __init__(self, model: bytes, path: Path, output: str = "") -> None:
        """`output` is the one to read; "" for all. Raises ProjectError, naming `path`, when ONNX Runtime cannot run it."""
        library = onnxruntime()
        options = library.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = library.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  # its errors share no base class
            raise ProjectError.of("XM584", file=path, reason=str(error).split(" : ")[-1][:200]) from None
        self.input = self._session.get_inputs()[0].name
        self._single = len(self._session.get_inputs()[0].shape) == 3
        self.outputs: Sequence[str] = [output] if output else [one.name for one in self._session.get_outputs()]

    def run(self, array: Array) -> Sequence[Array]:
        made: Sequence[Array] = self._session.run(self.outputs, {self.input: array[0] if self._single else array})
        return made

    def close(self) -> None:
        del self._session


def timed(networks: Sequence[Session], tensor: Any) -> list[float]:
    """Return the milliseconds of a run of each: of the processor's time, which a busy computer does not add to."""
    times: list[list[float]] = [[] for _ in networks]
    end = time.process_time() + SECONDS * len(networks)
    for _ in range(BLOCKS):
        for network, kept in zip(networks, times, strict=True):
            for number in range(BLOCK):
                start = time.process_time()
                network.run(tensor)
                if number:
                    kept.append(time.process_time() - start)
        if time.process_time() > end:
            break
    return [sorted(kept)[len(kept) // 4] * 1e3 for kept in times]
