"""Top-1 and top-5 on labelled pictures, through the classifier itself: --imagenet DIR, --catdog DIR, --fp32 FILE.

FP32 is measured only with `--fp32`, the true network. The one made from the 8-bit file serves for speed, but it has the 8-bit
weights: it agreed with INT8 on 200 of 200 pictures, the true one on 195, so comparing with it would flatter INT8.
"""

from __future__ import annotations

from pathlib import Path

from xmaker_toolbox.evaluation.classify import true_numbers
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import load_picture, read_pictures

from bench.measure import Row, Settings
from bench.networks import PRECISIONS, plugins_with_networks
from xmaker import Frame, LabelName, Plugins

Pictures = list[tuple[Path, LabelName]]
Answers = list[list[str]]
"""For each picture the best labels, the best first."""


def run(settings: Settings) -> list[Row]:
    """Measure whatever folders were named."""
    if not (settings.imagenet or settings.catdog):
        raise SystemExit("accuracy needs pictures: --imagenet DIR (with a labels.csv) or --catdog DIR (with cat/ and dog/)")
    precisions = PRECISIONS if settings.fp32 else ("int8",)
    plugins, rows = plugins_with_networks(settings, precisions), list[Row]()
    if settings.imagenet:
        pictures = _labelled(plugins, "imagenet", settings.imagenet / "labels.csv")
        rows += _rows("ImageNet", pictures, {kind: _classify(plugins, f"imagenet-{kind}", pictures) for kind in precisions}, 5)
    if settings.catdog:
        pictures = _labelled(plugins, "cat-dog", settings.catdog)
        answers = {kind: _classify(plugins, f"cat-dog-{kind}", pictures) for kind in precisions}
        rows += _rows("cat, dog or other", pictures, answers)
        either = {kind: [[name for name in best if name != "other"] for best in given] for kind, given in answers.items()}
        rows += _rows("cat or dog", pictures, either)
    return rows


def _labelled(plugins: Plugins, model: str, data: Path) -> Pictures:
    card, pictures = plugins.model(model, Path()), read_pictures(data)
    names = card.label_names()
    numbers = true_numbers(card, pictures, data)
    return [(picture.path, names[number]) for picture, number in zip(pictures, numbers, strict=True)]


def _classify(plugins: Plugins, model: str, pictures: Pictures) -> Answers:
    with opened(plugins, "classifier", model=model, top=5, smooth=0.0) as node:
        return [[name for name, _ in node.run(Frame(load_picture(path), path.name)).top] for path, _ in pictures]


def _rows(title: str, pictures: Pictures, answers: dict[str, Answers], most: int = 1) -> list[Row]:
    rows = []
    for kind, given in answers.items():
        for count in sorted({1, most}):
            right = sum(name in best[:count] for best, (_, name) in zip(given, pictures, strict=True))
            figure = f"{title}, top-{count}, {kind.upper()}"
            rows.append(Row(figure, right / len(pictures), beside=f"{right} of {len(pictures)} pictures"))
    if len(answers) == 1:
        return rows
    same = sum(one[0] == two[0] for one, two in zip(*answers.values(), strict=True))
    return [*rows, Row(f"{title}, INT8 agrees with FP32", same / len(pictures), beside=f"{same} of {len(pictures)} pictures")]
