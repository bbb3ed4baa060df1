"""Mind+: a `model.yaml` beside the file names the labels. Pictures are stretched, RGB, from 0 to 1."""

from __future__ import annotations

from typing import Any

from xmaker_vision.guess import classifier_card, picture_input, scores_of

from xmaker import ModelCard, OnnxFile, ProjectError
from xmaker.yaml_reader import read_file

ZERO, WHOLE = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)
USUAL = 320


def card_of(file: OnnxFile) -> ModelCard | None:
    """Return the card of a file that Mind+ wrote; None when it did not. Raises ProjectError when model.yaml is damaged."""
    beside = (file.path.with_suffix(".yaml"), file.path.with_name("model.yaml"))
    path = next((path for path in beside if path.is_file()), None)
    if path is None:
        return None
    item, problems = read_file(path)
    if problems:
        raise ProjectError(problems=problems)
    made = item.plain()
    if not isinstance(made, dict) or "labels" not in made:
        return None
    labels = made["labels"]
    if isinstance(labels, dict):
        try:
            labels = [labels[key] for key in sorted(labels, key=int)]
        except ValueError:
            raise ProjectError.of("XM614", file=path, reason="labels") from None
    names, guessed = [str(name) for name in labels or ()], list[str]()
    size = [number for number in made.get("input_shape") or () if isinstance(number, int) and number > 3] or [USUAL]
    known: dict[str, Any] = {"colour": "RGB", "resize": "stretch", "average": False, "mean": ZERO, "std": WHOLE}
    if file.inputs and 0 in file.inputs[0].shape[2:]:
        known |= {"height": size[-min(2, len(size))], "width": size[-1]}
    wanted, origin = picture_input(file, guessed, **known), f"Mind+, {made.get('base_model', '')}".rstrip(", ")
    if scores_of(file):
        return classifier_card(file, wanted, {"zh": names}, origin, guessed)
    layout = "yolov10" if file.outputs and file.outputs[0].shape[-1] == 6 else "yolov8"
    return ModelCard(
        name=file.path.stem,
        task="detect",
        input=wanted,
        labels={"zh": names},
        decode={"layout": layout},
        format=origin,
        guessed=guessed,
    )
