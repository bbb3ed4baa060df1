"""Measures every way to run some models here, one after the other, each in a process of its own."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from xmaker_auto.choosing import SPINS, candidates, reference, thread_counts
from xmaker_auto.measuring import Candidate, ask
from xmaker_vision.guess import picture_input

from xmaker import Engine, ModelCard, Plugins, ProjectError, read_onnx
from xmaker.engines import too_large
from xmaker.errors import message
from xmaker_toolbox.editing.network import NO_CARD
from xmaker_toolbox.nodes import NODES
from xmaker_toolbox.pictures import load_picture, read_pictures
from xmaker_toolbox.progress import Progress, quiet
from xmaker_toolbox.speed.child import TEN, Found, Order
from xmaker_toolbox.speed.network import megabytes, name_of, precision_of
from xmaker_toolbox.speed.results import SLOW, Speed

PATIENCE = 240.0
"""Seconds that one way may take, loading included."""
STEADY = 500.0
"""Milliseconds: a mean of longer runs is steady enough after one round."""
MOST_PICTURES = 50
"""So many are looked at in turn; a folder may hold thousands."""


class Row(msgspec.Struct, frozen=True):
    """One way to run one model, before it is measured."""

    order: Order
    model: str

    @property
    def file(self) -> Path:
        return Path(self.order.way.file)


def bench(
    models: Sequence[str | Path],
    *,
    engines: Sequence[str] = (),
    pictures: Path | None = None,
    threads: int | None = None,
    rounds: int = 1,
    progress: Progress = quiet,
) -> list[Speed]:
    """Measure how fast models run here: with each engine, its files, and 1, 2, 4 … up to `threads` threads (all cores).

    `models` are names of the catalog or files; `engines` names some, else those that are installed are taken. With a folder of
    `pictures`, whole pictures are measured as in a project: prepared, run, decoded; without, the network alone. Each way is
    measured in a process of its own, `rounds` times (slow ones once), in turn; the least disturbed time counts.
    Raises ProjectError for a model or engine that there is not, and for pictures that cannot be read; what goes wrong with one
    way to run a model stands in its `error`.
    """
    plugins = Plugins.load()
    cards = [known_card(plugins, str(model), bool(pictures)) for model in models]
    files = _readable(pictures) if pictures else []
    most = threads or os.cpu_count() or 1
    rows = [row for card in cards for row in _rows(plugins, card, engines, most, files)]
    rows = list({row.order.way: row for row in rows}.values())  # cats.onnx finds cats_int8.onnx; both may be named
    found: dict[Candidate, Speed] = {}
    for number, row in enumerate(rows * rounds):
        before = found.get(row.order.way)
        if before and (before.error or before.slow or before.mean_ms > STEADY):
            continue
        doing = message("XM463", "what", file=row.file.name, engine=row.order.way.engine, threads=row.order.way.threads)
        speed = _measured(row, partial(progress, number / len(rows) / rounds, doing))
        found[row.order.way] = _better(before, speed)
    progress(1.0)
    return list(found.values())


def _readable(folder: Path) -> list[str]:
    """Return the pictures of a folder that can be read, or some of them."""
    listed = [picture.path for picture in read_pictures(folder)]
    some = listed[:: math.ceil(len(listed) / MOST_PICTURES)]  # of every class
    readable = [str(path.absolute()) for path in some if load_picture(path) is not None]
    if not readable:
        raise ProjectError.of("XM456", folder=folder, count=len(some))
    return readable


def _rows(plugins: Plugins, card: ModelCard, names: Sequence[str], threads: int, pictures: list[str]) -> Iterator[Row]:
    """Yield the ways to run a model, by engine, file and number of threads."""
    all_engines = plugins.engine(card).others
    for name in set(names) - {engine.name for engine in all_engines}:
        plugins.engine(card, name)  # which says what there is
    usual = reference(all_engines, card)
    sent = msgspec.structs.replace(card, path=None)
    for way in sorted(_ways(all_engines, card, names, threads), key=lambda way: (way.engine, way.file)):
        yield Row(Order(sent, way, usual, pictures), card.name)


def known_card(plugins: Plugins, model: str, pictures: bool) -> ModelCard:
    """Return a model's card; a file without one is known by its input, which is enough unless whole pictures are wanted."""
    path = Path(model).expanduser()
    try:
        card = plugins.model(model, Path.cwd())
    except ProjectError as error:
        if error.code not in NO_CARD or pictures or path.suffix != ".onnx":
            raise
        card = ModelCard(name="", task="", input=picture_input(read_onnx(path), []), path=Path.cwd() / path)
    if pictures and card.task not in NODES:
        raise ProjectError.of("XM457", model=model, task=card.task, known=", ".join(NODES))
    named = name_of(path) if card.path and card.path.name == path.name else card.name  # by a card's name or by its file's
    return msgspec.structs.replace(card, name=named)


def _ways(engines: Sequence[type[Engine]], card: ModelCard, names: Sequence[str], threads: int) -> Iterator[Candidate]:
    counts = (1, *thread_counts(threads))
    for engine in engines:
        if engine.name not in names if names else engine.name.endswith(SPINS):
            continue
        found = [way for count in counts for way in candidates([engine], card, count)]
        if names and not found:
            found = [Candidate(engine.name, str(card.path), 1)]  # its process says what is missing
        yield from found


def _measured(row: Row, tick: Callable[[], object]) -> Speed:
    """Measure one way to run a model in a process of its own; `tick` is called before, and a few times a second."""
    tick()
    way = row.order.way
    about = Speed(
        row.model,
        row.file.name,
        precision_of(row.file),
        megabytes(row.file),
        way.engine,
        way.threads,
        "picture" if row.order.pictures else "network",
    )
    if sizes := too_large(row.file):
        return msgspec.structs.replace(about, error=message("XM653", "what", file=row.file.name, size=sizes[0], free=sizes[1]))
    end = time.monotonic() + PATIENCE
    lines, code = ask("xmaker_toolbox.speed.child", msgspec.json.encode(row.order), end, tick)
    found = msgspec.json.decode(lines[-1], type=Found) if lines else Found()
    if len(found.walls) > 1 or (found.walls and found.walls[0] > SLOW) or found.error:
        return _filled(about, found)
    if time.monotonic() < end:
        return msgspec.structs.replace(about, error=message("XM460", "what", code=code))
    if found.load and not found.walls and time.time() - found.loaded > SLOW:
        return msgspec.structs.replace(about, load_ms=found.load * 1e3, slow=True)
    return msgspec.structs.replace(about, error=message("XM461", "what", seconds=round(PATIENCE)))


def _filled(about: Speed, found: Found) -> Speed:
    """Return what was measured, in milliseconds and megabytes."""
    walls = [wall * 1e3 for wall in found.walls]
    if not walls:
        return msgspec.structs.replace(about, error=found.error)
    return msgspec.structs.replace(
        about,
        runs=len(walls),
        mean_ms=statistics.fmean(walls[:TEN]),
        median_ms=statistics.median(walls),
        p99_ms=sorted(walls)[math.ceil(len(walls) * 0.99) - 1],
        cpu_ms=found.cpu * 1e3,
        ratio=found.ratio,
        agreement=found.agreement,
        peak_mb=found.peak / 1e6,
        load_ms=found.load * 1e3,
        slow=walls[0] > SLOW * 1e3,
        error=found.error,
    )


def _better(one: Speed | None, other: Speed) -> Speed:
    """Return the one that was disturbed less."""
    return min((speed for speed in (one, other) if speed), key=lambda speed: (not speed.runs, speed.mean_ms))
