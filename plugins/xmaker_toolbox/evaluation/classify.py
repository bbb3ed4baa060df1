"""Evaluates a classifier on labelled pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from xmaker import Frame, Label, LabelName, ModelCard, Plugins, ProjectError
from xmaker.errors import message
from xmaker.rules.functions import text_of
from xmaker_toolbox.evaluation.names import meant, numbers_by_name, plain
from xmaker_toolbox.evaluation.result import KEPT, Class, Evaluation, Mistake
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import Picture, load_picture
from xmaker_toolbox.progress import Progress

TOP = 5
"""Among so many best labels the right one is looked for, where there are more labels than these."""


class Answer(msgspec.Struct):
    """What was said of a picture or a sound, and what it is: a number among the model's labels."""

    path: Path
    true: int
    said: Label


def classify(
    plugins: Plugins, model: str, data: Path, pictures: Sequence[Picture], engine: str, progress: Progress
) -> Evaluation:
    """Return how often the model is right. Raises XMakerError, for one when it does not have the labels."""
    card = plugins.model(model, Path())
    wanted = numbers_of(card, [picture.label for picture in pictures], data)
    skipped, answers = list[Path](), list[Answer]()
    with opened(plugins, "classifier", model=model, top=TOP, smooth=0.0, engine=engine) as node:
        for done, (picture, true) in enumerate(zip(pictures, wanted, strict=True)):
            progress(done / len(pictures), message("XM436", "what", model=card.name, done=done, count=len(pictures)))
            if (image := load_picture(picture.path)) is None:
                skipped.append(picture.path)
            else:
                answers.append(Answer(picture.path, true, node.run(Frame(image, str(picture.path)))))
    if not answers:
        raise ProjectError.of("XM434", data=data)
    return summed_up(card.label_names(), answers, skipped)


def numbers_of(card: ModelCard, labels: Iterable[str | int | None], data: Path) -> list[int]:
    """Return which of the model's labels each is: by its name in English or Chinese, or by its number.

    Raises ProjectError for one that the model does not have.
    """
    names = card.label_names()
    numbers, found = numbers_by_name(names), list[int]()
    for label in labels:
        if label is None:
            raise ProjectError.of("XM430", data=data)
        number = None if isinstance(label, int) else numbers.get(plain(label))
        if number is None and str(label).isdecimal() and (not names or int(label) < len(names)):
            number = int(label)
        if number is None:
            known = ", ".join(map(text_of, names[:8])) + (" …" if len(names) > 8 else "")
            raise ProjectError.of("XM431", label=label, model=card.name, known=known, meant=meant([str(label)], numbers))
        found.append(number)
    return found


def summed_up(names: Sequence[LabelName], answers: Sequence[Answer], skipped: list[Path]) -> Evaluation:
    """Count. A card without labels counts by numbers."""
    seen = sorted({number for one in answers for number in (one.true, one.said.number)})
    named = {number: names[number] if names else LabelName(str(number)) for number in seen}
    place = {number: index for index, number in enumerate(seen)}
    confusion = [[0] * len(seen) for _ in seen]
    for one in answers:
        confusion[place[one.true]][place[one.said.number]] += 1
    right = [row[number] for number, row in enumerate(confusion)]
    figures = {"top-1": sum(right) / len(answers)}
    if len(names) > TOP:
        among = sum(any(label == named[one.true] for label, _ in one.said.top) for one in answers)
        figures["top-5"] = among / len(answers)
    there, said_so = map(sum, confusion), map(sum, zip(*confusion, strict=True))
    labels = [text_of(name) for name in named.values()]
    classes = [Class(label, *counts) for label, *counts in zip(labels, there, right, said_so, strict=True)]
    wrong = [one for one in answers if one.true != one.said.number]
    worst = sorted(wrong, key=lambda one: -one.said.score)[:KEPT]
    mistakes = [Mistake(one.path, text_of(named[one.true]), text_of(one.said.label), one.said.score) for one in worst]
    return Evaluation("classify", len(answers), figures, classes, confusion, mistakes, skipped=skipped)
