"""Models as files: the card that describes one, and the interface of what runs it.

An ONNX file carries its card as JSON in its metadata, under the key `xmaker`; a catalog entry is a card beside its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol

import msgspec

from xmaker.errors import PluginError, ProjectError
from xmaker.values import Array, LabelName


class ModelInput(msgspec.Struct, frozen=True):
    """How a picture becomes the network's input tensor."""

    width: Annotated[int, msgspec.Meta(gt=0)]
    height: Annotated[int, msgspec.Meta(gt=0)]
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    dtype: Literal["uint8", "float32", "float16"] = "uint8"
    colour: Literal["BGR", "RGB"] = "BGR"
    resize: Literal["centre-crop", "letterbox", "stretch"] = "centre-crop"
    """`centre-crop` keeps the picture's shape and cuts the middle, `letterbox` keeps all of it and fills up with grey."""
    grey: Annotated[int, msgspec.Meta(ge=0, le=255)] = 128
    """With letterbox: what fills it up."""
    corner: bool = False
    """With letterbox: the picture lies at the top left instead of in the middle."""
    crop: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """With centre-crop: the part of the short side that is kept."""
    mean: tuple[float, float, float] | None = None
    """(x - mean) / std for each channel, in units of 0..255; None when the graph does it."""
    std: tuple[float, float, float] | None = None


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
    path: Path | None = None
    """Where the file is; set by whoever loads the card."""

    def __post_init__(self) -> None:
        if len({len(names) for names in self.labels.values()}) > 1:
            raise ValueError("the lists of labels differ in length")

    def label_names(self) -> tuple[LabelName, ...]:
        """Return the class names; each equals its Chinese name too."""
        english = self.labels.get("en") or self.labels.get("zh") or []
        chinese = self.labels.get("zh") or english
        return tuple(map(LabelName, english, chinese))


def card_beside(path: Path) -> ModelCard:
    """Read a card file; its model file lies in the same folder. Raises PluginError when it is no card."""
    try:
        card = msgspec.json.decode(path.read_bytes(), type=ModelCard)
    except (OSError, msgspec.MsgspecError) as error:
        raise PluginError.of("XM614", file=path, reason=error) from None
    card.path = path.parent / card.file
    return card


def card_inside(path: Path) -> ModelCard:
    """Read the card in a model file's metadata. Raises ProjectError when the file is missing, damaged or has no card."""
    if not path.is_file():
        raise ProjectError.of("XM604", file=path)
    metadata = onnx_metadata(path)
    if "xmaker" not in metadata:
        raise ProjectError.of("XM606", file=path)
    try:
        card = msgspec.json.decode(metadata["xmaker"], type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ProjectError.of("XM614", file=path, reason=error) from None
    card.path = path
    return card


def onnx_metadata(path: Path) -> dict[str, str]:
    """Return an ONNX file's metadata without loading its network. Raises ProjectError when it is no whole ONNX file.

    It is in the protobuf message `ModelProto` (onnx.proto: ir_version 1, graph 7, metadata_props 14).
    """
    seen, metadata = set(), {}
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            for number, start, end in _fields(data, 0, len(data)):
                seen.add(number)
                if number == 14:  # a StringStringEntryProto: key 1, value 2
                    entry = {
                        part: data[first:last].decode("utf-8", "replace") for part, first, last in _fields(data, start, end)
                    }
                    metadata[entry.get(1, "")] = entry.get(2, "")
    except (ValueError, IndexError):
        seen.clear()
    if not {1, 7} <= seen:
        raise ProjectError.of("XM605", file=path)
    return metadata


def _fields(data: mmap, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (number, start, end) of each field of a protobuf message. Raises ValueError or IndexError when it is none."""
    while at < end:
        tag, at = _varint(data, at)
        length, start = _varint(data, at)
        at = start + length if tag & 7 == 2 else start
        if tag & 7 not in (0, 2) or at > end:
            raise ValueError("truncated, or no ONNX")
        yield tag >> 3, start, at


def _varint(data: mmap, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while shift < 70:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            break
    return value, at


class Session(Protocol):
    """A loaded model."""

    outputs: Sequence[str]
    """The names of what `run` returns."""

    def run(self, array: Array) -> Sequence[Array]:
        """Run the network on one input tensor; return the card's output, or every output where it names none."""


class Engine:
    """Base of what runs networks (ONNX Runtime, ncnn, …)."""

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    """The endings of the files that it can run."""

    def load(self, card: ModelCard, threads: int) -> Session:
        """Load a model. Raises XMakerError when the file cannot be used."""
        raise NotImplementedError
