"""How pictures are prepared for a network: as its checkpoint says, or else as its library does it for all networks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from xmaker_vision.guess import MEAN, STD, USUAL

from xmaker import ModelInput
from xmaker.words import columns

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
    """Return what the configuration in an MMEdu checkpoint says, and what it leaves open, in the user's language.

    It is a program in Python, of which the dictionaries are read and nothing is run.
    """
    steps = list(_dictionaries(str(meta.get("config") or meta.get("cfg") or "")))
    normal = next((one for one in steps if {"mean", "std"} <= one.keys()), None)
    crops = [one.get("crop_size") for one in steps if one.get("type") == "CenterCrop"]
    short = next((one.get("scale") for one in steps if one.get("type") == "ResizeEdge"), None)
    sizes = [one.get("size", one.get("scale")) for one in steps if one.get("type") == "Resize"]
    words, guessed, known = columns("XM541")[4:], list[str](), dict[str, Any]()
    if normal is None:
        guessed.append(words[0])
    else:
        mean, std = (tuple(map(float, normal[key])) for key in ("mean", "std"))
        turned = bool(normal.get("to_rgb", normal.get("type") == "Normalize"))
        known = {"mean": mean, "std": std, "colour": "RGB" if turned else "BGR"}
    crop, scaled = _side(crops[-1]) if crops else 0, sizes[-1] if sizes else None
    stretched = _side(scaled) if isinstance(scaled, int) or (scaled and -1 not in scaled) else 0
    edge = short or (max(scaled) if scaled and not stretched else 0)
    if stretched:
        known |= {"resize": "stretch", "crop": crop / stretched if crop else 1.0}
    elif crop and edge:
        known["crop"] = min(1.0, crop / edge)
    else:
        guessed.append(words[1])
    return usual(size or crop or stretched or USUAL, **known), guessed


def _side(size: Any) -> int:
    return int(size if isinstance(size, int | float) else size[0])


def _dictionaries(program: str) -> Iterator[dict[str, Any]]:
    """Yield every dictionary in a program, as far as it consists of plain values: `dict(type='Resize', size=256)`, `{…}`."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        pairs: list[tuple[Any, Any]] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            pairs = [(getattr(key, "value", None), value) for key, value in zip(node.keys, node.values, strict=True)]
        if pairs:
            yield {key: _plain(value) for key, value in pairs if key}


def _plain(value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError):
        return None
