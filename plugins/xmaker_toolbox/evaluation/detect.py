"""Evaluates a detector on pictures with boxes: mean average precision as COCO defines it, by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xmaker import Detection, Frame, LabelName, MissingDependency, Plugins, ProjectError
from xmaker.errors import message
from xmaker.rules.functions import text_of
from xmaker_toolbox.evaluation.boxes import Scene, Scenes
from xmaker_toolbox.evaluation.classify import size_of
from xmaker_toolbox.evaluation.result import KEPT, Box, Class, Evaluation, Mistake
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.progress import Progress

DARKNET = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}
"""What YOLO's coco.names calls some of COCO's classes (they are PASCAL VOC's names)."""
Answers = list[tuple[Scene, list[Detection]]]
LOWEST = 0.001
"""Average precision looks at unsure answers, too."""
USUAL = 0.4
"""From which score on things count where the card does not say: the detector's own choice."""
SAME = 0.5
"""A thing is found when a box of its label overlaps its own by more than this."""


def detect(plugins: Plugins, model: str, data: Path, scenes: Scenes, engine: str, progress: Progress) -> Evaluation:
    """Return how well the model finds what is in the pictures. Raises ProjectError when it knows none of it."""
    card = plugins.model(model, Path())
    names = card.label_names()
    known = known_classes(names, scenes)
    if not known:
        some = ", ".join(list(scenes.names.values())[:8])
        raise ProjectError.of("XM433", model=card.name, data=some, known=", ".join(names[:8]))
    skipped, answers = list[Path](), Answers()
    with opened(plugins, "detector", model=model, min_score=LOWEST, engine=engine) as node:
        for done, scene in enumerate(scenes.scenes):
            progress(done / len(scenes.scenes), message("XM436", "what", model=card.name, done=done, count=len(scenes.scenes)))
            image = load_picture(scene.path)
            if image is None:
                skipped.append(scene.path)
            else:
                answers.append((scene, node.run(Frame(image, str(scene.path))).items))
    if not answers:
        raise ProjectError.of("XM434", data=data)
    figures, by_class = precision(known, answers)
    mistakes, classes = _looked_through(known, answers, float(card.decode.get("min_score", USUAL)))
    for one in classes:
        one.ap = by_class.get(one.label)
    others = sorted({scenes.names[number] for scene in scenes.scenes for number, _, _ in scene.things if number not in known})
    found = Evaluation("detect", len(answers), figures, classes, mistakes=mistakes, left_out=others, skipped=skipped)
    found.model, found.data, found.megabytes = model, str(data), size_of(card)
    return found


def known_classes(names: Sequence[LabelName], scenes: Scenes) -> dict[int, str]:
    """Return the classes of the data that a model knows, by their number there."""
    return {number: text_of(own) for number, name in scenes.names.items() for own in names if own in (name, DARKNET.get(name))}


def precision(known: dict[int, str], answers: Answers) -> tuple[dict[str, float], dict[str, float]]:
    """Return mAP, AP50 and AP75, and the average precision of each label."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        raise MissingDependency.of("XM601", library="pycocotools", command='pip install "xmaker[toolbox]"') from None
    wanted, found = _as_coco(known, answers)
    if not found or not wanted:
        return dict.fromkeys(("mAP", "AP50", "AP75"), 0.0), {}
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does
        truth = COCO()
        categories = [{"id": number, "name": label} for number, label in known.items()]
        images = [{"id": image} for image in range(len(answers))]
        truth.dataset = {"images": images, "annotations": wanted, "categories": categories}
        truth.createIndex()
        judged = COCOeval(truth, truth.loadRes(found), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    precision, by_class = judged.eval["precision"], {}  # by IoU, recall, class, area, most detections; -1 where there is none
    for place, number in enumerate(judged.params.catIds):
        values = precision[:, :, place, 0, -1]
        if (values > -1).any():
            by_class[known[number]] = float(values[values > -1].mean())
    return dict(zip(("mAP", "AP50", "AP75"), map(float, judged.stats[:3]), strict=True)), by_class


def _as_coco(known: dict[int, str], answers: Answers) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what is there and what was found, as pycocotools wants it."""
    number_of = {label: number for number, label in known.items()}
    wanted, found = list[dict[str, Any]](), list[dict[str, Any]]()
    for image, (scene, items) in enumerate(answers):
        for number, box, crowd in scene.things:
            if number in known:
                about = {"id": len(wanted) + 1, "area": box[2] * box[3], "iscrowd": int(crowd)}
                wanted.append({"image_id": image, "category_id": number, "bbox": list(box), **about})
        for item in items:
            if (label := text_of(item.label)) in number_of:
                about = {"category_id": number_of[label], "score": item.score}
                found.append({"image_id": image, "bbox": list(item.box), **about})
    return wanted, found


def _looked_through(known: dict[int, str], answers: Answers, sure: float) -> tuple[list[Mistake], list[Class]]:
    """Return the pictures with the most mistakes, and the counts of each label, of things as a project would see them."""
    classes = {label: Class(label, 0, 0, 0) for label in dict.fromkeys(known.values())}
    mistakes = []
    for scene, items in answers:
        wanted = [Box(known[number], box, False) for number, box, crowd in scene.things if number in known and not crowd]
        found = [Box(text_of(item.label), item.box, False, item.score) for item in items if item.score >= sure]
        found = [box for box in found if box.label in classes]
        _match(wanted, found)
        for box in wanted:
            classes[box.label].count += 1
            classes[box.label].right += box.right
        for box in found:
            classes[box.label].said += 1
        wrong = sum(not box.right for box in [*wanted, *found])
        if wrong:
            mistakes.append(Mistake(scene.path, score=wrong, wanted=wanted, found=found))
    worst = sorted(mistakes, key=lambda one: -one.score)[:KEPT]
    return worst, [one for one in classes.values() if one.count or one.said]


def _match(wanted: list[Box], found: list[Box]) -> None:
    """Give each found box, the surest first, the free true box of its label that it overlaps most."""
    free = list(range(len(wanted)))
    for box in sorted(found, key=lambda one: -(one.score or 0.0)):
        mine = [(overlap(box.box, wanted[place].box), place) for place in free if wanted[place].label == box.label]
        best, place = max(mine, default=(0.0, -1))
        if best > SAME:
            box.right = wanted[place].right = True
            free.remove(place)


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Return the intersection of two boxes over their union."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(0.0, across) * max(0.0, down)
    union = one[2] * one[3] + other[2] * other[3] - both
    return both / union if union else 0.0
