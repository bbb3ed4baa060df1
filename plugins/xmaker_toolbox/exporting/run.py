"""`xmaker.toolbox.export(…)`: an .onnx file in the files of another engine."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from xmaker import ModelCard, Plugins, ProjectError, XMakerError, card_beside
from xmaker_toolbox.editing.answers import answers, difference, feeds
from xmaker_toolbox.editing.network import Network, open_network
from xmaker_toolbox.files import whole
from xmaker_toolbox.progress import Progress, quiet
from xmaker_toolbox.quantizing.runtime import in_short
from xmaker_toolbox.quantizing.saved import card_of, said
from xmaker_toolbox.steps import rewriting


class Target(NamedTuple):
    """What is written for an engine."""

    engine: str
    """Also the module with `write(network, stem, shape, folder)`. It writes the files into a folder, and returns the layout
    that pictures must have for them, where that is another than before."""
    card: str
    """How the card's name ends."""


TARGETS = {
    ".ncnn.param": Target("ncnn", ".ncnn.json"),
    ".xml": Target("openvino", ".openvino.json"),
    ".tflite": Target("litert", ".json"),  # as beside every .tflite file
}
"""Ending → what it stands for."""
MOST = 1e-3
"""How far an answer may be from ONNX Runtime's: of the largest, where that is above 1. Engines round in other places."""


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of exporting a network."""

    files: tuple[Path, ...]
    """What was written; the last is the card, which a project names: `model: cats.ncnn.json`."""
    engine: str
    difference: float
    """How far its answers are from ONNX Runtime's, at most; the largest answer, or 1, is 1."""
    tried: int
    """On how many pictures."""


def export(model: str | Path, out: str | Path, *, progress: Progress = quiet) -> Exported:
    """Write a network in the files of the engine that the ending of `out` stands for, and its card beside them.

    `model` is a name of the catalog or an .onnx file with a card; `out` ends in .ncnn.param (ncnn), .xml (OpenVINO) or .tflite
    (LiteRT).
    Raises ProjectError, and writes nothing, where the engine cannot run it or answers otherwise; MissingDependency.
    """
    target = Path(out).expanduser()
    ending = next((one for one in TARGETS if target.name.lower().endswith(one)), "")
    if not ending or target.name == ending:
        raise ProjectError.of("XM539", file=target, endings=" ".join(TARGETS))
    progress(0, rewriting().running)
    network = open_network(str(model))
    if network.card is None:
        raise ProjectError.of("XM606", file=network.path, labels=network.path.with_suffix(".txt").name)
    stem = target.name[: -len(ending)]
    beside = f"{stem}{TARGETS[ending].card}"
    _refuse_others(target, target.with_name(beside))
    card = card_of(network.card, target, network.card.calibration, network.card.accuracy)
    card = msgspec.structs.replace(card, name=stem, output="")
    with TemporaryDirectory(prefix="xmaker-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        card, engine, apart, tried = _made(network, card, TARGETS[ending].engine, made, progress)
        if not apart <= MOST:
            raise ProjectError.of("XM577", file=network.path, engine=engine, difference=f"{apart:.2g}", most=f"{MOST:g}")
        (made / beside).write_bytes(msgspec.json.format(msgspec.json.encode(said(card)), indent=1) + b"\n")
        files = _moved(made, target.parent, beside)
    progress(1)
    return Exported(files=files, engine=engine, difference=apart, tried=tried)


def _made(
    network: Network, card: ModelCard, writer: str, folder: Path, progress: Progress
) -> tuple[ModelCard, str, float, int]:
    """Write the engine's files; return the card that fits them, the engine, how far its answers are from ONNX Runtime's, and
    on how many pictures.
    """
    data = _first_output(network).SerializeToString()
    try:
        given = feeds(data, network.card, network.path)
        wanted = answers(data, given)
    except Exception as error:  # noqa: BLE001  # ONNX Runtime's own
        raise ProjectError.of("XM618", file=network.path, reason=in_short(error)) from None
    progress(0.3, rewriting().rewriting)
    original = folder.with_name("network.onnx")
    original.write_bytes(data)
    shape = next(iter(given[0].values())).shape
    layout = importlib.import_module(f"xmaker_toolbox.exporting.{writer}").write(original, card.name, shape, folder)
    progress(0.8, rewriting().comparing)
    if layout and card.input.layout != layout:
        card = msgspec.structs.replace(card, input=msgspec.structs.replace(card.input, layout=layout))
        given = feeds(data, card, network.path)
    engine, found = _run(card, folder / card.file, given)
    return card, engine, difference(wanted, found), len(given)


def _refuse_others(target: Path, card: Path) -> None:
    """Raise ProjectError where a place is taken by something else: it is somebody's work."""
    if not card.exists():
        if target.exists():
            raise ProjectError.of("XM538", file=target)
        return
    try:
        ours = card_beside(card).file == target.name
    except XMakerError:
        ours = False
    if not ours:
        raise ProjectError.of("XM578", file=card)


def _first_output(network: Network) -> Any:
    """Return the graph with the output that the card reads as its only one; the others would cost time."""
    assert network.card is not None
    made = type(network.graph)()
    made.CopyFrom(network.graph)
    if network.card.output:
        kept = [one for one in network.graph.graph.output if one.name == network.card.output]
        del made.graph.output[:]
        made.graph.output.extend(kept)
    return made


def _run(card: ModelCard, file: Path, given: Sequence[dict[str, Any]]) -> tuple[str, list[list[Any]]]:
    """Return the engine that runs a file, and its answers. Raises XMakerError."""
    loaded = msgspec.structs.replace(card, path=file)
    engine = Plugins.load().engine(loaded)
    try:
        session = engine.load(loaded, 1)
    except ProjectError as error:  # it names a file that will be gone
        reason = error.problems[0].details.get("reason") if error.code == "XM618" else None
        if reason is None:
            raise
        raise ProjectError.of("XM576", file=card.file, engine=engine.name, reason=reason) from None
    try:
        return engine.name, [[part.copy() for part in session.run(tensor)] for one in given for tensor in one.values()]
    except Exception as error:  # noqa: BLE001  # its own: some find out only now what they do not know
        raise ProjectError.of("XM576", file=card.file, engine=engine.name, reason=in_short(error)) from None
    finally:
        session.close()


def _moved(made: Path, folder: Path, card: str) -> tuple[Path, ...]:
    """Write all the files or none; the card comes last: where it is, the others are, too."""
    names = sorted((path.name for path in made.iterdir()), key=lambda name: (name == card, name))
    with ExitStack() as stack:
        for name in reversed(names):  # the last one that was opened takes its place first
            stack.enter_context(whole(folder / name)).write_bytes((made / name).read_bytes())
    return tuple(folder / name for name in names)
