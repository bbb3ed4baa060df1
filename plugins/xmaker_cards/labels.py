"""Any classifier with a text file of labels beside it; Teachable Machine numbers them: `0 cat`, `1 dog`."""

from __future__ import annotations

from typing import Any

from xmaker_vision.guess import MEAN, STD, classifier_card, lines_of, picture_input, scores_of

from xmaker import ModelCard, OnnxFile

HALF = (127.5, 127.5, 127.5)


def card_of(file: OnnxFile) -> ModelCard | None:
    """Return the card of a classifier with labels beside it; None when there are none, or when it gives no scores."""
    if not (labels := labels_beside(file)) or not scores_of(file):
        return None
    guessed: list[str] = []
    wanted = picture_input(file, guessed)
    known: dict[str, Any] = {}
    origin = "labels.txt"
    if wanted.layout == "NHWC" and wanted.dtype != "uint8":
        known = {"colour": "RGB", "mean": HALF, "std": HALF}
        origin = "Teachable Machine"
        guessed.append("pictures: RGB from -1 to 1, as Teachable Machine and TensorFlow make them")
    elif wanted.dtype != "uint8" and wanted.colour != "GREY":
        known = {"colour": "RGB", "mean": MEAN, "std": STD, "crop": 0.875}
        guessed.append("pictures: RGB, normalised as ImageNet's, as PyTorch makes them")
    elif wanted.colour != "GREY":
        known = {"colour": "RGB"}
        guessed.append("pictures: RGB from 0 to 255")
    else:
        known = {"mean": (0.0,), "std": (255.0,)} if wanted.dtype != "uint8" else {}
        guessed.append("pictures: grey")
    return classifier_card(file, picture_input(file, [], **known), labels, origin, guessed)


def labels_beside(file: OnnxFile) -> dict[str, list[str]]:
    """Return the labels in a text file beside a model: cats.txt beside cats.onnx, or labels.txt; {} when there is none."""
    names = (f"{file.path.stem}.txt", f"{file.path.stem}_labels.txt", "labels.txt", "classes.txt")
    path = next((path for name in names if (path := file.path.with_name(name)).is_file()), None)
    if path is None:
        return {}
    lines = lines_of(path)
    if all(line.split(maxsplit=1)[0] == str(number) and " " in line for number, line in enumerate(lines)):
        lines = [line.split(maxsplit=1)[1] for line in lines]
    return {"zh": lines} if lines else {}
