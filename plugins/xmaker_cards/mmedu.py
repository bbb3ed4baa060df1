"""MMEdu: what it writes into an ONNX file, and how BaseDT prepares pictures for each of its backbones.

From 0.1.15 on the metadata has `MODEL_INFO`, from 0.1.9 on `CLASSES`; before that, the labels are in the sample program that
lies beside the file. BaseDT turns red and blue round, subtracts and divides first, and resizes then, in floats.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

from xmaker_vision.guess import MEAN, STD, classifier_card, picture_input

from xmaker import ModelCard, ModelInput, OnnxFile, ProjectError
from xmaker.misfits import json_reason

CODEBASES = {"MMCls": "classify", "MMPretrain": "classify", "TFJS": "classify", "MMDet": "detect", "MMPose": "pose"}
BASEDT = {"normalise_first": True, "average": False}
COLOUR: dict[str, Any] = {"colour": "RGB", "mean": MEAN, "std": STD, "resize": "stretch"}
GREY: dict[str, Any] = {"colour": "GREY-SWAPPED", "mean": (33.46,), "std": (78.87,), "resize": "stretch"}
KEPT: dict[str, Any] = {"resize": "letterbox", "corner": True, "grey": 0}
SIZES = {"SSD_Lite": (320, 320), "Yolov3": (416, 416), "FasterRCNN": (800, 1333), "Mask_RCNN": (1333, 800)}
"""Width and height, for files that leave them open."""


def card_of(file: OnnxFile) -> ModelCard | None:
    """Return the card of a file that MMEdu wrote; None when it did not. Raises ProjectError when its metadata is damaged."""
    guessed: list[str] = []
    if "MODEL_INFO" in file.metadata:
        info = _info(file)
        codebase, backbone, classes = (info.get(key) for key in ("codebase", "modelname", "classes"))
        version = ""
    else:
        backbone, classes = _sample(file)
        version = "before 0.1.9"
        if "CLASSES" in file.metadata:
            classes, version = file.metadata["CLASSES"].split("|"), "0.1.9 to 0.1.14"
        if not classes:
            return None
        codebase = "MMDet" if len(file.outputs) > 1 else "MMCls"
        if not backbone:
            guessed.append("backbone: concluded from the input's shape")
    names = [str(name) for name in classes] if isinstance(classes, list | tuple) else []
    origin = ", ".join(filter(None, (f"MMEdu {version}".strip(), str(backbone or ""))))
    task = CODEBASES.get(str(codebase))
    wanted = _input(file, str(backbone), task, guessed)
    if task == "classify":
        return classifier_card(file, wanted, {"zh": names} if names else {}, origin, guessed)
    if task is None:
        raise ProjectError.of("XM614", file=file.path, reason=f"MODEL_INFO: codebase {codebase!r}")
    return ModelCard(
        name=file.path.stem,
        task=task,
        input=wanted,
        labels={"zh": names} if names else {},
        decode={"layout": "mmdet"} if task == "detect" else {},
        format=origin,
        guessed=guessed,
    )


def _info(file: OnnxFile) -> dict[str, Any]:
    try:
        info = json.loads(file.metadata["MODEL_INFO"])
    except ValueError as error:
        raise ProjectError.of("XM614", file=file.path, reason=f"MODEL_INFO: {json_reason(error)}") from None
    if not isinstance(info, dict):
        raise ProjectError.of("XM614", file=file.path, reason=f"MODEL_INFO: {str(info)[:60]}")
    return info


def _input(file: OnnxFile, backbone: str, task: str | None, guessed: list[str]) -> ModelInput:
    shape = file.inputs[0].shape if file.inputs else ()
    if len(shape) == 4 and shape[1] == 1:
        return picture_input(file, guessed, **BASEDT, **GREY)
    size = SIZES.get(backbone)
    known: dict[str, Any] = {**BASEDT, **COLOUR}
    if shape[1:] == (3, 224, 224) and task == "classify":
        known["crop"] = 224 / 256
    elif backbone == "Mask_RCNN":
        known |= {**KEPT, "pad": 32} if 0 in shape[2:] else KEPT
    if size and 0 in shape[2:]:
        known["width"], known["height"] = size
    return picture_input(file, guessed, **known)


def _sample(file: OnnxFile) -> tuple[str, list[str]]:
    """Return the backbone and the labels that the sample program beside the file names. It is read, never run."""
    path = file.path.with_suffix(".py")
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, SyntaxError, ValueError):
        return "", []
    if "ImageData" not in {name for node in ast.walk(tree) for name in _imported(node)}:
        return "", []
    backbone, labels = "", []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "backbone" and isinstance(node.value, ast.Constant):
            backbone = str(node.value.value)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple):
            names = [one.value for one in node.value.elts if isinstance(one, ast.Constant)]
            if {getattr(target, "id", "") for target in node.targets} & {"class_names", "tag"}:
                labels = [str(name) for name in names]
    return backbone, labels


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names)
