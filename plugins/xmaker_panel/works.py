"""What the pages have worked out by a process of its own. Each work says what came of it as plain data.

Files are named by their paths; what is written goes into the work's own folder, from where the run takes it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from xmaker import Frame, Label, Plugins, ProjectError, read_onnx
from xmaker.rules.functions import text_of

CHECKPOINTS = (b"PK", b"\x80")
"""How files of torch.save begin: a zip file, or a pickle of protocol 2 and later."""
Progress = Callable[..., None]
Result = dict[str, Any]
SHOWN = 12
"""Classes of an evaluation that are shown in a matrix; of more, there is only the list of the worst."""
FIGURES = ("title", "bytes", "agreement", "accuracy", "loss", "ms")
"""What is shown of each way to write a network."""
PHOTOS = ("cat_dog", "person_alarm", "doorbell")
"""Projects of the gallery whose pictures are photographs."""


def teach(folder: Path, details: Result, progress: Progress) -> Result:
    """Learn the labels of a folder: a head of some kilobytes."""
    from xmaker.toolbox import teach

    lesson = teach(details["pictures"], folder / "taught.json", progress=progress)
    told: Result = msgspec.to_builtins(lesson, enc_hook=str)
    return {**told, "file": "taught.json", "skipped": [path.name for path in lesson.skipped]}


def quantize(folder: Path, details: Result, progress: Progress) -> Result:
    """Write a network in fewer bits."""
    from xmaker.toolbox import quantize

    model = Path(details["model"])
    data = Path(details["data"]) if details["data"] else _photographs(folder)
    out = folder / f"{model.stem}_int8{model.suffix}"
    made = quantize(model, out, data=data, progress=progress)
    rows = [
        {key: getattr(one, key) for key in FIGURES} | {"chosen": one is made.chosen}
        for one in (made.original, *made.candidates)
    ]
    counts = {key: getattr(made, key) for key in ("calibrated", "tested", "labelled", "reason", "faster")}
    return {**counts, "file": out.name, "rows": rows, "skipped": [path.name for path in made.skipped]}


def _photographs(folder: Path) -> Path:
    """Return a folder with the photographs of the gallery."""
    from xmaker.cli.gallery import gallery

    made = folder / "photographs"
    made.mkdir()
    for project in PHOTOS:
        for path in sorted((gallery() / project / "media").glob("*.jpg")):
            shutil.copyfile(path, made / f"{project}-{path.name}")
    return made


def evaluate(folder: Path, details: Result, progress: Progress) -> Result:
    """Count how often a model is right on labelled pictures."""
    from xmaker.toolbox import evaluate

    found = evaluate(details["model"], details["data"], progress=progress)
    classes = [{"label": one.label, "count": one.count, "right": one.right, "said": one.said} for one in found.classes]
    small = len(classes) <= SHOWN
    return {
        "task": found.task,
        "pictures": found.pictures,
        "figures": found.figures,
        "classes": sorted(classes, key=lambda one: one["right"] / max(1, one["count"]))[:SHOWN] if not small else classes,
        "confusion": found.confusion if small else [],
        "skipped": [path.name for path in found.skipped],
    }


def convert(folder: Path, details: Result, progress: Progress) -> Result:
    """Turn a checkpoint into an ONNX file. What the file carries is read, never run."""
    from xmaker.toolbox import convert

    model = Path(details["model"])
    made = convert(
        model, folder / f"{model.stem}.onnx", labels=details["labels"] or None, arch=details["arch"], progress=progress
    )
    return {
        "file": made.path.name,
        "labels": made.labels,
        "origin": made.origin,
        "difference": made.difference,
        "pictures": made.pictures,
        "guessed": made.guessed,
    }


def look(folder: Path, details: Result, progress: Progress) -> Result:
    """Raise ProjectError for an upload that is not what its name says. Nothing in it is run, and no weights are loaded."""
    file, name = Path(details["file"]), details["name"]
    if not name.endswith(".onnx"):
        with file.open("rb") as opened:
            if not opened.read(2).startswith(CHECKPOINTS):
                raise ProjectError.of("XM975", name=name, endings=".onnx, .pth, .pt")
        return {}
    try:
        inner = read_onnx(file)
    except ProjectError:
        raise ProjectError.of("XM605", file=name) from None
    if inner.elsewhere:
        raise ProjectError.of("XM976", name=name, files=", ".join(inner.elsewhere[:3]))
    return {}


def card(folder: Path, details: Result, progress: Progress) -> Result:
    """Tell what there is to know about a model."""
    from xmaker.cli.answers import facts_of_model
    from xmaker.words import card_word

    plugins = Plugins.load()
    known = plugins.model(details["model"], Path())
    shown = {
        card_word(key): "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in facts_of_model(known, plugins).items()
        if value and key not in ("model", "file")
    }
    return {"task": known.task, "labels": len(known.label_names()), "facts": shown, "accuracy": known.accuracy}


def names(folder: Path, details: Result, progress: Progress) -> Result:
    """Tell the labels that an ONNX file has inside; a checkpoint's are looked for when it is converted."""
    model = Path(details["model"])
    try:
        inside = Plugins.load().model(str(model), Path()).label_names() if model.suffix == ".onnx" else ()
    except ProjectError:
        inside = ()  # a network without a card
    return {"names": [str(name) for name in inside]}


def attempt(folder: Path, details: Result, progress: Progress) -> Result:
    """Have a model look at a picture: the best labels, or boxes in pixels of the picture."""
    from xmaker_toolbox.nodes import NODES, opened
    from xmaker_toolbox.pictures import load_picture

    image = load_picture(Path(details["picture"]))
    if image is None:
        raise ProjectError.of("XM982")
    plugins = Plugins.load()
    task = plugins.model(details["model"], Path()).task
    if task not in NODES:
        raise ProjectError.of("XM432", model=Path(details["model"]).name, task=task)
    with opened(plugins, NODES[task], model=details["model"]) as node:
        said = node.run(Frame(image))
    height, width = image.shape[:2]
    if isinstance(said, Label):
        return {"width": width, "height": height, "top": [[text_of(name), score] for name, score in said.top], "boxes": []}
    boxes = [item.to_json() | {"label": text_of(item.label)} for item in said.items]
    return {"width": width, "height": height, "top": [], "boxes": boxes}


WORKS: dict[str, Callable[[Path, Result, Progress], Result]] = {
    "teach": teach,
    "quantize": quantize,
    "evaluate": evaluate,
    "convert": convert,
    "look": look,
    "card": card,
    "names": names,
    "try": attempt,
}
"""What may be asked for."""
