"""Makes cards for the model files that schools have: those of MMEdu, BaseNN, Mind+, Teachable Machine, or any with labels."""

from __future__ import annotations

from pathlib import Path

from xmaker import ModelCard, ProjectError, hookimpl

OTHERS = (".tflite", ".pt", ".pth", ".h5", ".keras", ".pkl", ".pb", ".onnx.data")
"""Files that other programs write, and that must be exported once more."""


@hookimpl
def xmaker_read_card(path: Path) -> ModelCard | None:
    if path.name.lower().endswith(OTHERS):
        raise ProjectError.of("XM655", file=path, near=path.with_suffix(".onnx").name)
    if path.suffix.lower() != ".onnx":
        return None
    from xmaker_vision.guess import labelled_card

    from xmaker import read_onnx
    from xmaker_cards import basenn, mindplus, mmedu, ultralytics

    file = read_onnx(path)
    if file.missing:
        raise ProjectError.of("XM652", file=path, missing=", ".join(file.missing))
    readers = (mmedu.card_of, basenn.card_of, mindplus.card_of, ultralytics.card_of, labelled_card)
    return next((card for reader in readers if (card := reader(file)) is not None), None)
