"""What the shapes of an ONNX file tell about the picture that goes in and the scores that come out."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard, ModelInput, OnnxFile, ProjectError

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""ImageNet's, for red, green, blue: what most networks were trained with."""
HALF = (127.5, 127.5, 127.5)
MOST_OUTPUTS = 2
"""A classifier gives its scores, perhaps what they come from; what gives more has boxes among them."""
USUAL = 224
"""The size of picture that most classifiers take."""


def picture_input(file: OnnxFile, guessed: list[str], **known: Any) -> ModelInput:
    """Return how a picture goes into a network, as far as its input's shape tells; the caller knows the rest.

    Raises ProjectError when its input is no picture.
    """
    tensor = file.inputs[0] if len(file.inputs) == 1 else None
    shape = tensor.shape if tensor else ()
    if tensor is None or len(shape) != 4:
        raise ProjectError.of("XM651", file=file.path, inputs="; ".join(map(str, file.inputs)) or "-")
    if tensor.kind not in ("uint8", "float32", "float16"):
        raise ProjectError.of("XM668", file=file.path, kind=tensor.kind, inputs=tensor)
    if shape[0] not in (0, 1):
        raise ProjectError.of("XM667", file=file.path, batch=shape[0])
    layout = "NHWC" if shape[3] in (1, 3) and shape[1] not in (1, 3) else "NCHW"
    height, width, channels = shape[1:] if layout == "NHWC" else (*shape[2:], shape[1])
    size = {"width": width or USUAL, "height": height or USUAL}
    if not (height and width) and "width" not in known:
        guessed.append(f"size {USUAL} × {USUAL}: the file takes any")
    if channels == 1:
        known.setdefault("colour", "GREY")
    return msgspec.convert({**size, "layout": layout, "dtype": tensor.kind, **known}, ModelInput)


def scores_of(file: OnnxFile, output: str = "") -> int:
    """Return how many scores the network gives; 0 when it does not say, or when it gives something else."""
    shape = next((one.shape for one in file.outputs if output in ("", one.name)), ())
    sizes = [size for size in (shape[1:] or shape) if size != 1]  # the first is the batch, where there is one
    return sizes[0] if len(sizes) == 1 else 0


def classifier_card(
    file: OnnxFile, wanted: ModelInput, labels: dict[str, list[str]], origin: str, guessed: list[str]
) -> ModelCard:
    """Return the card of a classifier. Raises ProjectError when there are more or fewer labels than scores."""
    named, scores = max(map(len, labels.values()), default=0), scores_of(file)
    if named and scores and named != scores:
        raise ProjectError.of("XM650", file=file.path, scores=scores, labels=named)
    last = file.last.get(file.outputs[0].name, "") if file.outputs else ""
    decode = {}
    if "Softmax" not in last and "Sigmoid" not in last:
        decode["scores"] = "logits"
        guessed.append(f"scores are made to add up to 1 (softmax): the network's last step is {last or 'not known'}")
    return ModelCard(
        name=file.path.stem,
        task="classify",
        input=wanted,
        labels=labels,
        decode=decode,
        format=origin,
        guessed=guessed,
    )


def lines_of(path: Path) -> list[str]:
    """Return the lines of a text file that are not empty; in UTF-8, in UTF-16 (Notepad's "Unicode"), or in GBK."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


def labels_beside(path: Path) -> dict[str, list[str]]:
    """Return the labels in a text file beside a model: cats.txt beside cats.onnx, or labels.txt; {} when there is none.

    Raises ProjectError when it is empty. Teachable Machine numbers them: `0 cat`, `1 dog`.
    """
    names = (f"{path.stem}.txt", f"{path.stem}_labels.txt", "labels.txt", "classes.txt")
    found = next((beside for name in names if (beside := path.with_name(name)).is_file()), None)
    lines = lines_of(found) if found else []
    if found and not lines:
        raise ProjectError.of("XM597", file=found, model=path.name)
    if all(line.split(maxsplit=1)[0] == str(number) and " " in line for number, line in enumerate(lines)):
        lines = [line.split(maxsplit=1)[1] for line in lines]
    return {"zh": lines} if lines else {}


def labelled_card(file: OnnxFile, labels: dict[str, list[str]] | None = None) -> ModelCard | None:
    """Return the card of any classifier with labels, those beside it unless they are given.

    None when there are none, or when it gives no scores: what counts its labels itself, in whole numbers, is a detector,
    though it may find one thing only. Raises ProjectError when its input is no picture.
    """
    counts = any(one.kind.startswith("int") for one in file.outputs)
    if not (labels := labels or labels_beside(file.path)) or not scores_of(file) or len(file.outputs) > MOST_OUTPUTS or counts:
        return None
    shapes = [one.shape for one in file.outputs]
    if len(shapes) > 1 and shapes[0][-1:] == (5,) and shapes[1] == shapes[0][:-1]:
        return None  # boxes with a score, and their labels: a detector that gives one thing at most
    guessed: list[str] = []
    wanted = picture_input(file, guessed)
    known: dict[str, Any] = {}
    origin = "labels.txt"
    if wanted.colour == "GREY":
        known = {"mean": (0.0,), "std": (255.0,)} if wanted.dtype != "uint8" else {}
        guessed.append("pictures: grey")
    elif wanted.dtype == "uint8":
        known = {"colour": "RGB"}
        guessed.append("pictures: RGB from 0 to 255")
    elif wanted.layout == "NHWC":
        known = {"colour": "RGB", "mean": HALF, "std": HALF}
        origin = "Teachable Machine"
        guessed.append("pictures: RGB from -1 to 1, as Teachable Machine and TensorFlow make them")
    else:
        known = {"colour": "RGB", "mean": MEAN, "std": STD, "crop": 0.875}
        guessed.append("pictures: RGB, normalised as ImageNet's, as PyTorch makes them")
    return classifier_card(file, picture_input(file, [], **known), labels, origin, guessed)
