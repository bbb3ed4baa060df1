"""Reads a Keras file: builds its network, records it, and finds out how pictures are prepared for it."""

from __future__ import annotations

from typing import Any

import msgspec
from xmaker_vision.guess import HALF, labels_beside

from xmaker import ModelInput, ProjectError
from xmaker.words import columns
from xmaker_toolbox.convert.keras_files.library import keras
from xmaker_toolbox.convert.keras_files.loading import Loaded, load, shortly
from xmaker_toolbox.convert.keras_files.plan import objects
from xmaker_toolbox.convert.labels import named
from xmaker_toolbox.convert.sources import Asked, Source
from xmaker_toolbox.convert.torch_files.export import answers, export
from xmaker_toolbox.convert.torch_files.libraries import torch
from xmaker_toolbox.steps import converting

TEACHABLE = "global_average_pooling2d_GlobalAveragePooling2D1"
"""A layer that every network of pictures from Teachable Machine has."""
SCALING = ("Rescaling", "Normalization")
"""A network that has one takes the numbers of a picture as they are."""
MOVING = ("Transpose", "Reshape", "Cast", "Identity", "Squeeze")


def read(asked: Asked) -> Source:
    """Read a classifier. Raises ProjectError for what is none, or cannot be built; MissingDependency."""
    loaded = load(asked.path, asked.trust)
    asked.progress(0.3, converting().finding)
    shape, last = _shape(loaded.model, asked)
    picture, guessed, pixels, origin = _picture(loaded, shape)
    with keras().device("cpu"):
        module = _module(loaded.model, last, shape[0] in (1, 3))
        classes = _classes(module, picture, asked)
        asked.progress(0.6, converting().writing)
        network = export(module, picture, asked.path)
    inside = next(iter(labels_beside(asked.path).values()), [])
    grey = picture.colour == "GREY"
    return Source(
        network=network,
        answer=_on_processor(module),
        picture=picture,
        labels=named(asked.path, asked.labels, inside, classes),
        origin=origin,
        logits=not last and _last_step(network) not in ("Softmax", "Sigmoid"),
        told={} if grey else None,
        xeduhub=not grey,
        guessed=guessed,
        guessed_pixels=pixels,
    )


def _shape(model: Any, asked: Asked) -> tuple[list[int], bool]:
    """Return the shape of the picture, without the batch, and whether one score stands for two classes."""
    takes, gives = model.input_shape, model.output_shape
    if not isinstance(takes, tuple) or len(takes) != 4 or not isinstance(gives, tuple) or len(gives) != 2:
        raise ProjectError.of("XM545", file=asked.path, reason=f"{takes} → {gives}")
    shape = [side or asked.size for side in takes[1:]]
    first = 0 if takes[1] in (1, 3) and takes[3] not in (1, 3) else 2
    if shape[first] not in (1, 3) or 0 in shape or (asked.size and asked.size not in shape):
        raise ProjectError.of("XM545", file=asked.path, reason=f"--size {asked.size or '?'}: {takes} → {gives}")
    return shape, gives[1] == 1


def _picture(loaded: Loaded, shape: list[int]) -> tuple[ModelInput, list[str], list[str], str]:
    """Return how pictures are prepared, what of it and of their numbers was guessed, and what the network is."""
    names = {str(one["config"].get("name")) for one in objects(loaded.plan) if isinstance(one.get("config"), dict)}
    scaled = any(one["class_name"] in SCALING for one in objects(loaded.plan))
    channels, height, width = shape if shape[0] in (1, 3) else (shape[2], shape[0], shape[1])
    stretched, grey, half = columns("XM917")
    known: dict[str, Any] = {"mean": HALF, "std": HALF, "colour": "RGB", "resize": "stretch"}
    guessed, pixels = [stretched], [half]
    origin = f"Keras {loaded.version}, {loaded.model.name}"
    if TEACHABLE in names:
        guessed, pixels, origin, known["resize"] = [], [], "Teachable Machine, Keras", "centre-crop"
    elif scaled:
        pixels, known["mean"], known["std"] = [], (0.0,) * 3, (1.0,) * 3
    elif channels == 1:
        pixels, known["mean"], known["std"] = [grey], (0.0,) * 3, (255.0,) * 3
    if channels == 1:
        known |= {"colour": "GREY", "mean": known["mean"][:1], "std": known["std"][:1]}
    made = {**known, "width": width, "height": height, "layout": "NCHW", "dtype": "float32"}
    return msgspec.convert(made, ModelInput), guessed, pixels, origin


def _module(model: Any, one_score: bool, colours_first: bool) -> Any:
    """Return a module of PyTorch, (1, colours, height, width) → (1, classes), that asks the network."""
    library = torch()
    ends_between = one_score and _activation(model) == "sigmoid"

    class Turned(library.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, picture: Any) -> Any:
            given = picture if colours_first else picture.permute(0, 2, 3, 1)
            scores = self.model(given, training=False)
            if one_score:  # it is the second class's; the first has the rest
                scores = scores if ends_between else library.sigmoid(scores)
                scores = library.cat([1 - scores, scores], 1)
            return scores

    return Turned().eval()


def _activation(model: Any) -> str:
    """Return what is done last in a network, as Keras calls it."""
    layer = model
    while getattr(layer, "layers", None):
        layer = layer.layers[-1]
    return getattr(getattr(layer, "activation", None), "__name__", "")


def _on_processor(module: Any) -> Any:
    """Return what runs the module; Keras itself would move it to a graphics card."""
    run = answers(module)

    def answer(tensor: Any) -> Any:
        with keras().device("cpu"):
            return run(tensor)

    return answer


def _classes(module: Any, picture: ModelInput, asked: Asked) -> int:
    import numpy as np

    colours = 1 if picture.colour == "GREY" else 3
    try:
        return int(answers(module)(np.zeros((1, colours, picture.height, picture.width), np.float32)).shape[1])
    except Exception as error:  # noqa: BLE001  # the layers decide
        raise ProjectError.of("XM545", file=asked.path, reason=shortly(error)) from None


def _last_step(network: Any) -> str:
    """Return the graph's last operation that computes something."""
    made_by = {output: node for node in network.graph.node for output in node.output}
    node = made_by.get(network.graph.output[0].name)
    while node is not None and node.op_type in MOVING:
        node = made_by.get(node.input[0])
    return node.op_type if node is not None else ""
