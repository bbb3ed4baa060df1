"""Evaluates a classifier on labelled pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from xmaker import Frame, Label, LabelName, ModelCard, Plugins, ProjectError
from xmaker.errors import message
from xmaker.rules.functions import text_of
from xmaker_toolbox.evaluation.names import as_counted, contradicting, meant, numbers_by_name, numbers_of
from xmaker_toolbox.evaluation.result import KEPT, Class, Evaluation, Mistake
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import Picture, load_picture
from xmaker_toolbox.progress import Progress

TOP = 5
"""Among so many best labels the right one is looked for, where there are more labels than these."""


class Answer(msgspec.Struct):
    """What was said of a picture or a sound, and what it is; both as numbers of the model's labels, too."""

    path: Path
    true: int
    number: int
    said: Label


def classify(
    plugins: Plugins, model: str, data: Path, pictures: Sequence[Picture], engine: str, progress: Progress
) -> Evaluation:
    """Return how often the model is right. Raises XMakerError, for one when it does not have the labels."""
    card = plugins.model(model, Path())
    names, wanted = card.label_names(), true_numbers(card, pictures, data)
    skipped, seen, told, found = list[Path](), list[Picture](), list[int | None](), list[Label]()
    with opened(plugins, "classifier", model=model, top=TOP, smooth=0.0, engine=engine) as node:
        for done, (picture, true) in enumerate(zip(pictures, wanted, strict=True)):
            progress(done / len(pictures), message("XM436", "what", model=card.name, done=done, count=len(pictures)))
            if (image := load_picture(picture.path)) is None:
                skipped.append(picture.path)
            else:
                seen.append(picture)
                told.append(true)
                found.append(node.run(Frame(image, str(picture.path))))
    if not seen:
        raise ProjectError.of("XM434", data=data)
    counted = as_counted(names, seen, told, [said.number for said in found])
    answers = [Answer(one.path, true or 0, said.number, said) for one, true, said in zip(seen, counted, found, strict=True)]
    made = summed_up("classify", names, answers, skipped)
    made.contradicting = [picture.path for picture in contradicting(names, seen, counted)]
    return made


def true_numbers(card: ModelCard, pictures: Sequence[Picture], data: Path) -> list[int]:
    """Return which of the model's labels each picture (or recording) has. Raises ProjectError for one that it does not have."""
    names, found = card.label_names(), list[int]()
    for picture, number in zip(pictures, numbers_of(names, pictures), strict=True):
        if picture.label is None:
            raise ProjectError.of("XM430", data=data)
        if number is None:
            known = ", ".join(map(text_of, names[:8])) + (" …" if len(names) > 8 else "")
            near = meant([str(picture.label)], numbers_by_name(names))
            raise ProjectError.of("XM431", label=picture.label, model=card.name, known=known, meant=near)
        found.append(number)
    return found


def summed_up(task: str, names: Sequence[LabelName], answers: Sequence[Answer], skipped: list[Path]) -> Evaluation:
    """Count. A card without labels counts by numbers."""
    seen = sorted({number for one in answers for number in (one.true, one.number)})
    named = {number: names[number] if names else LabelName(str(number)) for number in seen}
    place = {number: index for index, number in enumerate(seen)}
    confusion = [[0] * len(seen) for _ in seen]
    for one in answers:
        confusion[place[one.true]][place[one.number]] += 1
    right = [row[number] for number, row in enumerate(confusion)]
    figures = {"top-1": sum(right) / len(answers)}
    if task == "classify" and len(names) > TOP:
        among = sum(any(label == named[one.true] for label, _ in one.said.top) for one in answers)
        figures["top-5"] = among / len(answers)
    there, said_so = map(sum, confusion), map(sum, zip(*confusion, strict=True))
    labels = [text_of(name) for name in named.values()]
    classes = [Class(label, *counts) for label, *counts in zip(labels, there, right, said_so, strict=True)]
    wrong = [one for one in answers if one.true != one.number]
    worst = sorted(wrong, key=lambda one: -one.said.score)[:KEPT]
    mistakes = [Mistake(one.path, text_of(named[one.true]), text_of(one.said.label), one.said.score) for one in worst]
    return Evaluation(task, len(answers), figures, classes, confusion, mistakes, skipped=skipped)
