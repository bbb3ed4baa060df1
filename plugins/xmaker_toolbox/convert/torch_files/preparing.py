"""How pictures are prepared for a network: as its checkpoint says, or else as its library does it for all networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from xmaker_vision.guess import MEAN, STD, USUAL

from xmaker import ModelInput
from xmaker_toolbox.convert.torch_files.mm_config import dictionaries, program
from xmaker_toolbox.convert.words import guesses

CROP = 0.875
"""256 pixels for the short side, of which the middle 224 are seen: so torchvision, timm and MMClassification mostly do it."""


def usual(size: int = USUAL, **other: Any) -> ModelInput:
    """Return what networks for ImageNet take: RGB, (1, 3, size, size) float32, normalised."""
    known = {"layout": "NCHW", "dtype": "float32", "colour": "RGB", "crop": CROP, "mean": MEAN, "std": STD}
    return ModelInput(width=size, height=size, **{**known, **other})


def grey(size: int = 32) -> ModelInput:
    """Return what MMEdu's LeNet takes, which was trained on MNIST: (1, 1, 32, 32)."""
    return usual(size, colour="GREY", resize="stretch", crop=1.0, mean=(33.46,), std=(78.87,))


def as_timm_does(config: Mapping[str, Any], size: int) -> ModelInput:
    """Return what timm says of a network (`default_cfg`); its numbers are of pictures from 0 to 1."""
    mean, std = (tuple(round(255 * number, 4) for number in config[key]) for key in ("mean", "std"))
    return usual(size or config["input_size"][-1], crop=float(config.get("crop_pct") or CROP), mean=mean, std=std)


def as_mm_says(meta: Mapping[str, Any], size: int) -> tuple[ModelInput, list[str]]:
    """Return what the configuration in an MMEdu checkpoint says, and what it leaves open, in the user's language."""
    steps = list(dictionaries([*program(meta).values()]))
    guessed, known = list[str](), dict[str, Any]()
    normal = next((one for one in steps if len(_numbers(one.get("mean"))) == len(_numbers(one.get("std"))) == 3), None)
    if normal is None:
        guessed.append(guesses().colours)
    else:
        turned = bool(normal.get("to_rgb", normal.get("type") == "Normalize"))
        known = {"mean": _numbers(normal["mean"]), "std": _numbers(normal["std"]), "colour": "RGB" if turned else "BGR"}
    side, cut = _sides(steps)
    if not cut:
        guessed.append(guesses().picture)
    return usual(size or side or USUAL, **known, **cut), guessed


def _sides(steps: Iterable[Mapping[str, Any]]) -> tuple[int, dict[str, Any]]:
    """Return the side of the picture, and how it is cut; 0 and {} where that is not said."""
    crops = [_numbers(one.get("crop_size")) for one in steps if one.get("type") == "CenterCrop"]
    edges = [_numbers(one.get("scale")) for one in steps if one.get("type") == "ResizeEdge"]
    sizes = [_numbers(one.get("size", one.get("scale"))) for one in steps if one.get("type") == "Resize"]
    crop, edge, scaled = (next((int(one[0]) for one in given[::-1] if one), 0) for given in (crops, edges, sizes))
    if scaled and -1 in sizes[-1]:  # the other side follows
        edge, scaled = edge or int(max(sizes[-1])), 0
    if scaled:
        return crop or scaled, {"resize": "stretch", "crop": min(1.0, (crop or scaled) / scaled)}
    return (crop, {"crop": min(1.0, crop / edge)}) if crop and edge else (0, {})


def _numbers(value: Any) -> tuple[float, ...]:
    """Return a number, or a list of them, as floats; () for anything else."""
    found = value if isinstance(value, list | tuple) else [value]
    return tuple(map(float, found)) if all(isinstance(one, int | float) for one in found) else ()
