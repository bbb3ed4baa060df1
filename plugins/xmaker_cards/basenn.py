"""BaseNN: the metadata has `input_size` and `dataset_type`. Pictures go in as BGR from 0 to 255, only resized."""

from __future__ import annotations

import ast

from xmaker_vision.guess import classifier_card, labels_beside, picture_input

from xmaker import ModelCard, OnnxFile, ProjectError


def card_of(file: OnnxFile) -> ModelCard | None:
    """Return the card of a file that BaseNN wrote; None when it did not. Raises ProjectError when it takes no pictures."""
    if "input_size" not in file.metadata or "dataset_type" not in file.metadata:
        return None
    if (kind := file.metadata["dataset_type"]) != "img":
        raise ProjectError.of("XM651", file=file.path, inputs=f"dataset_type {kind}")
    try:
        size = ast.literal_eval(file.metadata["input_size"])  # BaseNN itself would run what stands here
        channels, height, width = (int(number) for number in size[1:])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ProjectError.of("XM614", file=file.path, reason=f"input_size: {file.metadata['input_size'][:60]}") from None
    guessed: list[str] = []
    colour = "GREY" if channels == 1 else "BGR"
    wanted = picture_input(
        file, guessed, width=width, height=height, colour=colour, resize="stretch", average=False, layout="NCHW"
    )
    return classifier_card(file, wanted, labels_beside(file.path), "BaseNN", guessed)
