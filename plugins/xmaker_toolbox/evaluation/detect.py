"""Evaluates a detector on pictures with boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xmaker import Detection, Frame, ModelCard, Plugins, ProjectError
from xmaker.errors import message
from xmaker.rules.functions import text_of
from xmaker_toolbox.evaluation.boxes import Scene, Scenes, Seen, Thing
from xmaker_toolbox.evaluation.matching import look_through
from xmaker_toolbox.evaluation.names import meant, numbers_by_name, plain
from xmaker_toolbox.evaluation.precision import average_precision, coco_tools
from xmaker_toolbox.evaluation.result import Evaluation
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
LOWEST = 0.001
"""Average precision looks at unsure answers, too."""
USUAL = 0.4
"""From which score on things count where the card does not say: the detector's own choice."""


def detect(plugins: Plugins, model: str, data: Path, scenes: Scenes, engine: str, progress: Progress) -> Evaluation:
    """Return how well the model finds what is in the pictures. Raises XMakerError when it knows none of it."""
    coco_tools()  # better now than after all pictures
    card = plugins.model(model, Path())
    names, known = card.label_names(), known_classes(card, scenes)
    pictures, skipped = list[Seen](), list[Path]()
    with opened(plugins, "detector", model=model, min_score=LOWEST, engine=engine) as node:
        for done, scene in enumerate(scenes.scenes):
            progress(done / len(scenes.scenes), message("XM436", "what", model=card.name, done=done, count=len(scenes.scenes)))
            if (image := load_picture(scene.path)) is None:
                skipped.append(scene.path)
            else:
                pictures.append(seen(card, scene, image.shape, node.run(Frame(image, str(scene.path))).items, known))
    if not pictures:
        raise ProjectError.of("XM434", data=data)
    labels = {number: text_of(names[number]) for number in sorted(set(known.values()))}
    figures, by_class = average_precision(labels, pictures)
    classes, mistakes = look_through(labels, pictures, float(card.decode.get("min_score", USUAL)))
    for number, precision in by_class.items():
        classes[number].ap = precision
    judged = [one for one in classes.values() if one.count or one.said]
    there = {thing.number for scene in scenes.scenes for thing in scene.things}
    left_out = sorted(scenes.names[number] for number in there if number not in known)
    return Evaluation("detect", len(pictures), figures, judged, mistakes=mistakes, left_out=left_out, skipped=skipped)


def known_classes(card: ModelCard, scenes: Scenes) -> dict[int, int]:
    """Return which of the model's labels each class of the data is, as far as the model has it.

    Raises ProjectError when it has none of them.
    """
    names = card.label_names()
    numbers = numbers_by_name(names)
    words = {number: plain(name) for number, name in scenes.names.items()}
    known = {number: numbers.get(word, numbers.get(DARKNET.get(word, ""))) for number, word in words.items()}
    found = {number: own for number, own in known.items() if own is not None}
    if not found:
        some, own = ", ".join([*scenes.names.values()][:8]), ", ".join(map(text_of, names[:8]))
        raise ProjectError.of("XM433", model=card.name, data=some, known=own, meant=meant(words.values(), numbers))
    return found


def seen(card: ModelCard, scene: Scene, shape: Sequence[int], items: Sequence[Detection], known: dict[int, int]) -> Seen:
    """Return what is there and what was found in a picture of this shape (height, width, …), by the model's numbers."""
    return Seen(scene.path, _there(scene, shape, known), _found(card, items, known))


def _there(scene: Scene, shape: Sequence[int], known: dict[int, int]) -> list[Thing]:
    things = scene.in_pixels(shape[1], shape[0])
    return [Thing(known[one.number], one.box, one.crowd) for one in things if one.number in known]


def _found(card: ModelCard, items: Sequence[Detection], known: dict[int, int]) -> list[Thing]:
    places = {number: place for place, number in enumerate(card.decode.get("numbers", range(len(card.label_names()))))}
    wanted = {*known.values()}
    numbered = ((places.get(item.number, -1), item) for item in items)
    return [Thing(number, item.box, score=item.score) for number, item in numbered if number in wanted]
