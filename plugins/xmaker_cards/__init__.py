"""Makes cards for the model files that schools have: those of MMEdu, BaseNN, Mind+, Teachable Machine, or any with labels."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from xmaker import ModelCard, ProjectError, hookimpl

CONVERTED = (".pt", ".pth", ".ckpt", ".safetensors", ".h5", ".hdf5", ".keras", ".pkl", ".joblib", ".skops")
"""Files of other programs that `xmaker model convert` knows."""
OTHERS = (".pb", ".onnx.data")
"""Files that must be exported once more."""


@hookimpl
def xmaker_read_card(path: Path) -> ModelCard | None:
    if path.name.lower().endswith((*CONVERTED, *OTHERS)):
        raise _of_another_program(path)
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


def _of_another_program(path: Path) -> ProjectError:
    own = path.with_suffix("") if path.name.lower().endswith(".onnx.data") else path
    onnx = own.with_suffix(".onnx")
    near = onnx.name if onnx.is_file() else ""
    if path.name.lower().endswith(OTHERS):
        return ProjectError.of("XM644", file=path, onnx=onnx.name, near=near)
    command = f"xmaker model convert {quote(str(path))} {quote(str(onnx))}"
    return ProjectError.of("XM655", file=path, onnx=onnx.name, command=command, near=near)
