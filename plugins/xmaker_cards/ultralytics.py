"""Ultralytics (YOLOv5, v8, v10, 11 …): the metadata has `names`, and mostly `task` and `imgsz`. Pictures: RGB from 0 to 1.

Detectors keep all of a picture, with grey of 114 beside it; classifiers take the middle (LetterBox, classify_transforms).
"""

from __future__ import annotations

import ast
from typing import Any

from xmaker_vision.guess import classifier_card, picture_input

from xmaker import ModelCard, OnnxFile, ProjectError

TASKS = {"detect": "detect", "segment": "detect", "classify": "classify"}
ZERO, WHOLE = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)
GREY = 114
USUAL = 640


def card_of(file: OnnxFile) -> ModelCard | None:
    """Return the card of a file that Ultralytics wrote; None when it did not. Raises ProjectError for damaged names."""
    if "names" not in file.metadata or "stride" not in file.metadata:
        return None
    names, size = _value(file, "names"), _value(file, "imgsz")
    if isinstance(names, dict):
        names = [names[number] for number in sorted(names)]
    if not isinstance(names, list | tuple):
        raise ProjectError.of("XM614", file=file.path, reason=f"names: {file.metadata['names'][:60]}")
    written = file.metadata.get("task", "detect")
    task, guessed = TASKS.get(written, written), list[str]()
    known: dict[str, Any] = {"colour": "RGB", "mean": ZERO, "std": WHOLE}
    if task != "classify":
        known |= {"resize": "letterbox", "grey": GREY, "rounding": "even", "average": False}
    if file.inputs and 0 in file.inputs[0].shape[2:]:
        if not (isinstance(size, list | tuple) and len(size) == 2):
            size = (USUAL, USUAL)
            guessed.append(f"size {USUAL} × {USUAL}: the file takes any")
        known["height"], known["width"] = size
    wanted, labels = picture_input(file, guessed, **known), {"en": [str(name) for name in names]}
    origin = file.metadata.get("description") or "Ultralytics"
    if task == "classify":
        return classifier_card(file, wanted, labels, origin, guessed)
    return ModelCard(name=file.path.stem, task=task, input=wanted, labels=labels, format=origin, guessed=guessed)


def _value(file: OnnxFile, key: str) -> Any:
    """Return what stands under a key, which Python wrote down."""
    try:
        return ast.literal_eval(file.metadata.get(key, "None"))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ProjectError.of("XM614", file=file.path, reason=f"{key}: {file.metadata[key][:60]}") from None
