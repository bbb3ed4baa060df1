"""Files that hold a whole network instead of its weights: modules that were pickled, TorchScript, and what BaseNN writes.

BaseNN (2.0) pickles a `Sequential` of PyTorch's own layers and one of its own, which only makes a row of a picture. These can
be made again without running any code of the file; every other module must be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xmaker import ModelInput, ProjectError
from xmaker_toolbox.convert.torch_files.built import Built
from xmaker_toolbox.convert.torch_files.export import answers
from xmaker_toolbox.convert.torch_files.libraries import torch
from xmaker_toolbox.convert.torch_files.preparing import as_timm_does, usual
from xmaker_toolbox.convert.torch_files.state import PLACES
from xmaker_toolbox.convert.words import guesses
from xmaker_toolbox.quantizing.runtime import in_short

FLAT = "BaseNN.BaseNN.Reshape"


def layers() -> list[Any]:
    """Return what pickles of plain layers may make: PyTorch's layers, and a stand-in for BaseNN's."""
    nn = torch().nn
    own = [one for one in vars(nn).values() if isinstance(one, type) and issubclass(one, nn.Module)]
    return [*own, torch().device, (type("Flat", (nn.Flatten,), {"start_dim": 1, "end_dim": -1}), FLAT)]


def whole_module(found: Any) -> Any:
    """Return the module that is what was loaded, or is in it; None when there are weights only."""
    modules = torch().nn.Module
    if isinstance(found, Mapping):
        found = next((found[place] for place in PLACES if isinstance(found.get(place), modules)), None)
    return found if isinstance(found, modules) else None


def refuse_hooks(module: Any, path: Path) -> None:
    """Raise ProjectError for a module that would call more than its layers: nobody vouches for it."""
    for one in module.modules():
        if found := [name for name, value in vars(one).items() if ("hook" in name and value) or name == "forward"]:
            raise ProjectError.of("XM532", file=path, code=", ".join(found))


def built(module: Any, meta: Mapping[str, Any], size: int, path: Path) -> Built:
    """Return a module with how its pictures are prepared. Raises ProjectError when it takes no picture."""
    module = module.float().eval()
    if meta.get("tool") == "BaseNN":
        return _basenn(module, meta, path)
    first = next((one for one in module.parameters() if one.dim() == 4), None)
    grey = first is not None and first.shape[1] == 1
    words, said = [guesses().colours, guesses().picture], getattr(module, "pretrained_cfg", None)
    if isinstance(said, Mapping) and len(said.get("mean") or ()) == 3 and "input_size" in said and not grey:
        picture, words = as_timm_does(said, size), [guesses().timm]
    else:
        picture = usual(size or 224, **({"colour": "GREY", "mean": (0.0,), "std": (255.0,)} if grey else {}))
    classes = _classes(module, picture, path)
    name = getattr(module, "original_name", type(module).__name__)
    return Built(module=module, picture=picture, origin=f"PyTorch, {name}", classes=classes, guessed=words)


def _basenn(module: Any, meta: Mapping[str, Any], path: Path) -> Built:
    """BaseNN's pictures: blue, green, red from 0 to 255, only resized, as its own `inference` and XEduHub do it."""
    shape = [int(number) for number in meta.get("input_size", ())]
    if meta.get("dataset_type") != "img" or len(shape) != 4:
        raise ProjectError.of("XM545", file=path, reason=f"dataset_type {meta.get('dataset_type')}, input_size {shape}")
    _, channels, height, width = shape
    picture = ModelInput(
        width=width,
        height=height,
        layout="NCHW",
        dtype="float32",
        colour="GREY" if channels == 1 else "BGR",
        resize="stretch",
        average=False,
    )
    last = list(module.modules())[-1]
    return Built(
        module=module,
        picture=picture,
        origin="BaseNN",
        classes=_classes(module, picture, path),
        logits=not isinstance(last, torch().nn.Softmax),
        told={"input_size": str([1, *shape[1:]]), "dataset_type": "img"},
    )


def _classes(module: Any, picture: ModelInput, path: Path) -> int:
    """Return how many scores a module gives for one picture. Raises ProjectError when it does not run, or gives no scores."""
    import numpy as np

    colours = 1 if picture.colour == "GREY" else 3
    try:
        shape = answers(module)(np.zeros((1, colours, picture.height, picture.width), np.float32)).shape
    except Exception as error:  # noqa: BLE001  # the module decides
        raise ProjectError.of("XM545", file=path, reason=in_short(error)) from None
    if len(shape) != 2 or shape[0] != 1:
        raise ProjectError.of("XM545", file=path, reason=f"{picture.width}×{picture.height} → {shape}")
    return int(shape[1])
