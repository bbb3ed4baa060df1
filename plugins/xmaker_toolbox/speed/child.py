"""The process that measures one way to run a model: `python -m xmaker_toolbox.speed.child` reads what, and prints
what it finds.

It prints a line of JSON after each step: should an engine end the process, or take for ever, what came before is known.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import msgspec
from xmaker_auto.child import Comparison, inputs, loaded
from xmaker_auto.measuring import Candidate

from xmaker import Frame, ModelCard, Plugins, Session, XMakerError
from xmaker_toolbox.nodes import NODES, Host
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.speed.results import SLOW

TEN = 10
"""So many runs the tutorial takes the mean of."""
SECONDS = 2.0
"""Further runs, for the median and the longest, take so long."""
MOST = 500
"""Of quick networks no more runs than this: between two of them a picture is read."""
LONGEST = 40.0
"""What takes longer than this for ten runs is measured with fewer."""
COMPARED = 4.0
"""Seconds a picture from which on nothing is compared with the model's own file: that would take minutes."""

Look = Callable[[], tuple[float, float]]
"""Looks at a picture and returns how long that took, in seconds, and how much of the processor's time."""


class Order(msgspec.Struct):
    """What to measure."""

    card: ModelCard
    way: Candidate
    reference: Candidate
    pictures: list[str] = []
    """The files of whole pictures; without any, the network alone is measured."""


class Found(msgspec.Struct):
    """What was measured so far; times in seconds."""

    load: float = 0.0
    loaded: float = 0.0
    """When that was done (time.time)."""
    walls: list[float] = []
    cpu: float = 0.0
    peak: int = 0
    """Bytes."""
    ratio: float | None = None
    agreement: float | None = None
    error: str = ""


class Given(Host):
    """The host of a node whose model is loaded already."""

    def __init__(self, card: ModelCard, session: Session) -> None:
        self._card, self._session = card, session

    def model(self, name: str) -> ModelCard:
        return self._card

    def session(self, card: ModelCard, threads: int | None = None, engine: str = "") -> Session:
        return self._session


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    found = Found()
    try:
        for _ in measure(order, found):
            _tell(found)
    except XMakerError as error:
        found.error = f"{error} {error.hint}".strip()
    except MemoryError:
        found.error = "MemoryError"
    except Exception as error:  # noqa: BLE001  # engines raise what they like
        found.error = f"{type(error).__name__}: {error}".partition("\n")[0][:160]
    _tell(found)


def measure(order: Order, found: Found) -> Iterator[None]:
    """Fill in what is found, and yield after each step."""
    plugins = Plugins.load()
    loaded(plugins, order.card, order.way).close()
    start = time.perf_counter()
    session = loaded(plugins, order.card, order.way)
    found.load, found.loaded = time.perf_counter() - start, time.time()
    yield
    look = _at_pictures(plugins, order, session) if order.pictures else _at_tensor(session, inputs(order.card)[0])
    first = look()
    found.walls, found.cpu, found.peak = [first[0]], first[1], peak()
    yield
    if first[0] > SLOW:
        return
    found.walls, found.cpu = several(look)
    found.peak = peak()
    yield
    if order.way == order.reference:
        found.ratio = found.agreement = 1.0
    elif found.walls[0] < COMPARED:
        result = Comparison(plugins, order.card, order.reference).of(session, order.way)
        found.ratio = result.ratio
        found.agreement = result.agreement if order.card.task else None


def several(look: Look) -> tuple[list[float], float]:
    """Return how long runs took, ten or as many as time allows, and the processor's time of one."""
    runs: list[tuple[float, float]] = []
    spent = 0.0
    while not runs or (spent < LONGEST and (len(runs) < TEN or (spent < SECONDS and len(runs) < MOST))):
        runs.append(look())
        spent += runs[-1][0]
    return [wall for wall, _ in runs], sum(cpu for _, cpu in runs) / len(runs)


def _at_tensor(session: Session, tensor: Any) -> Look:
    return lambda: _timed(lambda: session.run(tensor))


def _at_pictures(plugins: Plugins, order: Order, session: Session) -> Look:
    """Have a node look at whole pictures, as in a project; reading them from their files is not measured."""
    make: Any = plugins.nodes[NODES[order.card.task]]
    node = make(model=order.card.name)
    node.host = Given(order.card, session)
    node.open()
    files, numbers = cycle(order.pictures), count()

    def look() -> tuple[float, float]:
        frame = Frame(load_picture(Path(next(files))), str(next(numbers)))
        return _timed(lambda: node.run(frame))

    return look


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    cpu, start = time.process_time(), time.perf_counter()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


def peak() -> int:
    """Return the most memory that this process has had, in bytes; 0 where it cannot be known."""
    try:  # getrusage would count what the process had inherited, too
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _tell(found: Found) -> None:
    print(msgspec.json.encode(found).decode(), flush=True)


if __name__ == "__main__":
    main()
