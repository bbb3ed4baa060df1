"""Evaluates a classifier on labelled pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xmaker import Frame, Label, LabelName, ModelCard, Plugins, ProjectError
from xmaker.errors import message, nearest
from xmaker.rules.functions import text_of
from xmaker_toolbox.evaluation.result import KEPT, Class, Evaluation, Mistake
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import Picture, load_picture
from xmaker_toolbox.progress import Progress

TOP = 5
"""Among so many best labels the right one is looked for, where there are more labels than these."""


def classify(
    plugins: Plugins, model: str, data: Path, pictures: Sequence[Picture], engine: str, progress: Progress
) -> Evaluation:
    """Return how often the model is right. Raises ProjectError for labels that it does not have."""
    card = plugins.model(model, Path())
    names = card.label_names()
    wanted = [_number(card, names, picture, data) for picture in pictures]
    skipped, answers = list[Path](), list[tuple[Path, int, Label]]()
    with opened(plugins, "classifier", model=model, top=TOP, smooth=0.0, engine=engine) as node:
        for done, (picture, true) in enumerate(zip(pictures, wanted, strict=True)):
            progress(done / len(pictures), message("XM436", "what", model=card.name, done=done, count=len(pictures)))
            image = load_picture(picture.path)
            if image is None:
                skipped.append(picture.path)
            else:
                answers.append((picture.path, true, node.run(Frame(image, str(picture.path)))))
    if not answers:
        raise ProjectError.of("XM434", data=data)
    found = _summed_up(names, answers)
    found.model, found.data, found.megabytes, found.skipped = model, str(data), size_of(card), skipped
    return found


def _number(card: ModelCard, names: Sequence[LabelName], picture: Picture, data: Path) -> int:
    """Return which of the model's labels a picture has."""
    label = picture.label
    if label is None:
        raise ProjectError.of("XM430", data=data)
    if isinstance(label, int) and 0 <= label < len(names):
        return label
    for number, name in enumerate(names):
        if name == label or str(name).casefold() == str(label).casefold():
            return number
    known = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    both = [*names, *(name.other for name in names)]
    near = nearest(str(label), both)
    raise ProjectError.of("XM431", label=label, model=card.name, known=known, meant=f" ({near}?)" if near else "")


def _summed_up(names: Sequence[LabelName], answers: list[tuple[Path, int, Label]]) -> Evaluation:
    confusion, mistakes, among = [[0] * len(names) for _ in names], list[Mistake](), 0
    for path, true, said in answers:
        confusion[true][said.number] += 1
        among += any(label == names[true] for label, _ in said.top)
        if said.number != true:
            mistakes.append(Mistake(path, text_of(names[true]), text_of(said.label), said.score))
    right = [row[number] for number, row in enumerate(confusion)]
    figures = {"top-1": sum(right) / len(answers)} | ({"top-5": among / len(answers)} if len(names) > TOP else {})
    there, said_so = map(sum, confusion), [sum(column) for column in zip(*confusion, strict=True)]
    classes = [Class(text_of(name), *counts) for name, *counts in zip(names, there, right, said_so, strict=True)]
    worst = sorted(mistakes, key=lambda one: -one.score)[:KEPT]
    return Evaluation("classify", len(answers), figures, classes, confusion=confusion, mistakes=worst)


def size_of(card: Any) -> float:
    """Return the size of a model's file in megabytes."""
    return float(card.path.stat().st_size) / 1e6
