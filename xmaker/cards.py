"""Model cards: what there is to know about a model. A card lies beside its file, or inside it, or a plugin makes it.

An ONNX file carries XMaker's own card as JSON in its metadata, under the key `xmaker`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from xmaker.errors import PluginError, ProjectError
from xmaker.misfits import json_reason, unequal
from xmaker.values import LabelName

ENDINGS = (
    *(".onnx", ".json", ".tflite", ".pt", ".pth", ".ckpt", ".safetensors"),
    *(".h5", ".hdf5", ".keras", ".pkl", ".joblib", ".skops", ".pb", ".onnx.data"),
)
"""Of files with models, also of those that must be converted first."""


class ModelInput(msgspec.Struct, frozen=True):
    """How a picture becomes the network's input tensor."""

    width: Annotated[int, msgspec.Meta(gt=0)]
    height: Annotated[int, msgspec.Meta(gt=0)]
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    dtype: Literal["uint8", "float32", "float16"] = "uint8"
    colour: Literal["BGR", "RGB", "GREY", "GREY-SWAPPED"] = "BGR"
    """GREY-SWAPPED weighs red as if it were blue and blue as if it were red: so does BaseDT for LeNet."""
    resize: Literal["centre-crop", "letterbox", "stretch"] = "centre-crop"
    """`centre-crop` keeps the picture's shape and cuts the middle, `letterbox` keeps all of it and fills up with grey."""
    grey: Annotated[int, msgspec.Meta(ge=0, le=255)] | Literal["zero"] = 128
    """With letterbox: what fills it up, before the mean is subtracted; `zero` is 0 after that."""
    corner: bool = False
    """With letterbox: the picture lies at the top left instead of in the middle."""
    pad: Annotated[int, msgspec.Meta(ge=0)] = 0
    """With letterbox: the tensor is turned as the picture is, and its sides are multiples of this; 0: width by height."""
    rounding: Literal["nearest", "even", "down"] = "nearest"
    """With letterbox: how its sides become whole pixels. Half a pixel becomes one, or makes the side even; or parts are cut."""
    crop: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """With centre-crop: the part of the short side that is kept. With stretch: the part of each side, cut after stretching."""
    mean: tuple[float, ...] | None = None
    """(x - mean) / std for each channel, in units of 0..255; None when the graph does it."""
    std: tuple[float, ...] | None = None
    normalise_first: bool = False
    """Subtract and divide before resizing, in floats, as BaseDT does: another rounding, and slower."""
    average: bool = True
    """Average pictures that are far too large, instead of picking a few of their pixels as most libraries do."""
    sampling: Literal["opencv", "bilinear", "bicubic"] = "opencv"
    """How pixels are made of others: as OpenCV does it, or, bit for bit but slower, as Pillow does."""


class ModelCard(msgspec.Struct, kw_only=True):
    """What there is to know about a model: where it is, what goes in, what comes out, where it is from."""

    name: str
    task: str
    file: str = ""
    input: ModelInput
    output: str = ""
    """The graph output to read; "" is the first."""
    labels: dict[str, list[str]] = {}
    """Language → class names, in the order of the scores."""
    title: dict[str, str] = {}
    licence: str = ""
    source: Any = None
    calibration: Any = None
    decode: dict[str, Any] = {}
    """What its node must know to read the outputs (a detector's layout, anchors, …)."""
    sha256: str = ""
    accuracy: list[dict[str, Any]] = []
    """What was measured, and on what."""
    format: str = ""
    """Whose kind of file it is, where it is not XMaker's own: "MMEdu, ResNet18"."""
    guessed: list[str] = []
    """What the file does not say, and was concluded from its shape."""
    path: Path | None = None
    """Where the file is; set by whoever loads the card."""

    def __post_init__(self) -> None:
        if len({len(names) for names in self.labels.values()}) > 1:
            raise ValueError(unequal())

    def label_names(self) -> tuple[LabelName, ...]:
        """Return the class names; each equals its Chinese name too."""
        english = self.labels.get("en") or self.labels.get("zh") or []
        chinese = self.labels.get("zh") or english
        return tuple(map(LabelName, english, chinese))


def is_file_name(name: str) -> bool:
    """Return whether the `model` of a node is a file rather than a name of the catalog."""
    return name.lower().endswith(ENDINGS) or "/" in name


def card_beside(path: Path) -> ModelCard:
    """Read a card file; its model file lies in the same folder. Raises PluginError when it is no card."""
    try:
        data = path.read_bytes()
        card = msgspec.json.decode(data, type=ModelCard)
    except OSError as error:
        raise PluginError.of("XM614", file=path, reason=error.strerror or error) from None
    except msgspec.MsgspecError as error:
        raise PluginError.of("XM614", file=path, reason=json_reason(error, data)) from None
    card.path = path.parent / card.file
    return card


def card_inside(path: Path) -> ModelCard | None:
    """Read XMaker's own card in an ONNX file; None when it has none. Raises ProjectError when the file or card is damaged."""
    from xmaker.onnx_file import onnx_metadata  # the models that come with XMaker have their cards beside them

    metadata = onnx_metadata(path)
    if "xmaker" not in metadata:
        return None
    try:
        card = msgspec.json.decode(metadata["xmaker"], type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ProjectError.of("XM614", file=path, reason=json_reason(error, metadata["xmaker"].encode())) from None
    card.path = path
    return card
