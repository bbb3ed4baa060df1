"""`xmaker.toolbox.convert(…)`: a checkpoint of a training program becomes one file that runs everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from xmaker import ProjectError
from xmaker_toolbox.convert import compare, compare_boxes, targets
from xmaker_toolbox.convert.beside import Beside, write_beside
from xmaker_toolbox.convert.finish import finish
from xmaker_toolbox.convert.labels import doubles, read_labels
from xmaker_toolbox.convert.sources import Asked, Source, read_source
from xmaker_toolbox.files import require_own, whole
from xmaker_toolbox.progress import Progress, quiet, span
from xmaker_toolbox.quantizing.runtime import in_short
from xmaker_toolbox.steps import converting

MADE_BY = "xmaker model convert"
"""What the card says of who wrote the file: it may be written over by the same command."""


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """What came of converting a network."""

    path: Path
    labels: list[str]
    origin: str
    """What it was: `MMEdu, ResNet18`."""
    difference: float
    """How far its scores are from the source's, at most; the largest score, or 1, is 1. Boxes: the longer side is 1."""
    pictures: int
    """On how many pictures they were compared."""
    guessed: list[str]
    """What the source does not say, in the user's language."""
    task: str
    """What the network does: `classify`, `detect`."""
    beside: Beside
    """The project and the sample programs that were written with it."""


def convert(
    checkpoint: str | Path,
    out: str | Path | None = None,
    *,
    labels: str | Path | Sequence[str] | None = None,
    arch: str = "",
    size: int | None = None,
    pixels: str | None = None,
    trust: bool = False,
    backend: str = "ONNX",
    out_file: str | Path | None = None,
    class_path: str | Path | None = None,
    progress: Progress = quiet,
) -> Converted:
    """Write the network of a checkpoint to `out`, an .onnx file with its labels and card inside.

    `labels` is a text file with a name a line, or the names; without it, those in the checkpoint. `arch` is the architecture
    as torchvision or timm name it, where it is not found out; `size` the side of the picture; `pixels` what its numbers were
    in training (`0..1`, `-1..1`, `0..255`, `imagenet`), where the checkpoint does not say. With `trust`, code that the file
    carries is run: only for files of one's own. `out_file` and `class_path` are MMEdu's words for `out` and `labels`.
    Raises ProjectError, and writes nothing, when the answers are not the source's; MissingDependency without the extra
    `convert`.
    """
    path, named = Path(checkpoint), labels if labels is not None else class_path
    wanted = out if out is not None else out_file
    target = targets.target_file(Path(wanted) if wanted is not None else None, path, backend)
    require_own(target)
    progress(0, converting().opening)
    names, step = read_labels(named), span(progress, 0.05, 0.7)
    asked = Asked(path=path, labels=names, arch=arch, size=size or 0, pixels=pixels or "", trust=trust, progress=step)
    source = read_source(asked)
    progress(0.7, converting().comparing)
    try:
        found, images = _written(source, path, target, progress)
    except ProjectError:
        raise
    except ValueError as error:
        raise ProjectError.of("XM545", file=path, reason=in_short(error)) from None
    return Converted(
        path=target,
        labels=source.labels,
        origin=source.origin,
        difference=found,
        pictures=images,
        guessed=[*source.guessed, *doubles(source.labels)],
        task=source.task,
        beside=write_beside(target, source),
    )


def _written(source: Source, path: Path, target: Path, progress: Progress) -> tuple[float, int]:
    """Write the file once its answers are the source's; return how far they are apart, and on how many pictures.

    Raises ProjectError for other answers, ValueError when a library refuses the network.
    """
    judge = compare_boxes if source.task == "detect" else compare
    images = judge.pictures()
    given = compare.tensors(images, source.picture)
    answers = [source.answer(tensor) for tensor in given]
    found = _require_same(judge.difference(source.network.SerializeToString(), given, answers), path)
    progress(0.8, converting().writing)
    made_from = {"source": MADE_BY, "checkpoint": path.name, "checkpoint sha256": _digest(path), "difference": f"{found:.1e}"}
    graph, card = finish(source, target, made_from)
    with whole(target) as part:
        targets.write(part, target, graph, card)
        progress(0.9, converting().comparing)
        scores = [compare.softmax(one) for one in answers] if source.logits else answers
        if target.suffix.lower() == ".onnx":
            _require_same(judge.difference(part, compare.tensors(images, card.input), scores), path)
        progress(1)
    return found, len(images)


def _require_same(found: float, path: Path) -> float:
    if not found <= compare.MOST:
        raise ProjectError.of("XM537", file=path, difference=f"{found:.2g}", most=f"{compare.MOST:g}")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        made = sha256()
        while block := file.read(1 << 20):
            made.update(block)
    return made.hexdigest()
