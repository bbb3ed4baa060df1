"""TensorFlow Lite files in 8 bits, by Google's ai-edge-quantizer. Their card lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from xmaker import MissingDependency, ModelCard, Plugins, ProjectError, Session
from xmaker.errors import message
from xmaker_toolbox.files import whole
from xmaker_toolbox.pictures import Picture
from xmaker_toolbox.progress import Progress, span
from xmaker_toolbox.quantizing.calibrate import MOST, spread
from xmaker_toolbox.quantizing.litert_file import readable
from xmaker_toolbox.quantizing.runtime import hushed, in_short
from xmaker_toolbox.quantizing.saved import card_of, said
from xmaker_toolbox.quantizing.trials import Lab, Trial

LIBRARY = "ai-edge-quantizer"
RECIPES = {"static": "static_wi8_ai8", "dynamic": "dynamic_wi8_afp32"}
"""Kind → the library's name for it; its weights have a scale for each channel."""
METHOD = "minmax"
"""The range of a tensor is that of all numbers that occur: the library's own, a moving average, loses 3 points here."""
Ends = dict[str, dict[str, Any]]
"""Tensor → its `min` and `max`."""


class LiteRtSource:
    """A .tflite network as it came."""

    def __init__(self, card: ModelCard, folder: Path) -> None:
        """`folder` takes what is made on the way. Raises ProjectError, MissingDependency."""
        assert card.path is not None
        try:
            import ai_edge_quantizer  # noqa: F401
            from ai_edge_litert.interpreter import Interpreter
        except ModuleNotFoundError:
            raise MissingDependency.of("XM601", library=LIBRARY, command=f"pip install {LIBRARY}") from None
        self.card, self.path, self._folder = card, card.path, folder
        self.size, self.sha256 = self.path.stat().st_size, sha256(self.path.read_bytes()).hexdigest()
        interpreter = Interpreter(str(self.path))
        if any(one["quantization"][0] for one in interpreter.get_tensor_details()):
            raise ProjectError.of("XM580", file=self.path, found="int8")
        self.readable = readable(self.path, folder)
        """The file that the quantizer is given."""
        signatures = Interpreter(str(self.readable)).get_signature_list()
        self.signature = next(iter(signatures))
        self.input = signatures[self.signature]["inputs"][0]
        shape = interpreter.get_input_details()[0]["shape"]
        self.turned = card.input.layout == "NCHW" and int(shape[-1]) in (1, 3)
        """Whether the file wants channels last, and the card's tensors have them first."""

    def original(self) -> Session:
        return self._opened(self.path)

    def session(self, model: bytes) -> Session:
        path = self._folder / "candidate.tflite"
        path.write_bytes(model)
        try:
            return self._opened(path)
        except ProjectError as error:  # it names a file that nobody will find
            reason = str(error.problems[0].details.get("reason", error.code))
            raise ProjectError.of("XM584", file=self.path, reason=reason) from None

    def _opened(self, path: Path) -> Session:
        card = msgspec.structs.replace(self.card, path=path)
        return Plugins.load().engine(card, "litert").load(card, 1)

    def file(self, made: bytes, name: str, noted: dict[str, Any]) -> bytes:
        return made

    def write(self, made: bytes, out: Path, noted: dict[str, Any], accuracy: Sequence[dict[str, Any]]) -> None:
        card = card_of(self.card, out, {**noted, "original": self.sha256}, accuracy)
        with whole(out) as part, whole(out.with_suffix(".json")) as beside:
            part.write_bytes(made)
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(said(card)), indent=2))


def litert_trials(lab: Lab, source: LiteRtSource, kind: str, progress: Progress) -> list[Trial]:
    """Try to quantize a .tflite file."""
    if kind not in RECIPES:
        raise ProjectError.of("XM909", file=source.path, kind=kind)
    try:
        if kind == "dynamic":
            return [_tried(lab, source, kind, {}, 0, progress)]
        pictures = spread(lab.album.calibrating, MOST[METHOD])
        ends = _ends(lab, source, pictures, span(progress, 0, 0.5))
        return [_tried(lab, source, METHOD, ends, len(pictures), span(progress, 0.5, 1))]
    except (OSError, ProjectError):
        raise
    except Exception as error:  # noqa: BLE001  # the library raises what it likes
        raise ProjectError.of("XM584", file=source.path, reason=in_short(error)) from None


def _ends(lab: Lab, source: LiteRtSource, pictures: list[Picture], progress: Progress) -> Ends:
    """Return the lowest and highest numbers that occur in each tensor."""
    import numpy as np

    progress(0, message("XM589", "what", way=METHOD))
    library = _library(source, "static")
    widest = Ends()
    for number, picture in enumerate(pictures):
        progress(number / len(pictures))
        tensor = lab.tensor_of(picture)
        feeds = {source.signature: [{source.input: tensor.transpose(0, 2, 3, 1) if source.turned else tensor}]}
        with hushed():
            seen = library.calibrate(feeds, num_threads=1)
        for name, ends in seen.items():
            known = widest.setdefault(name, ends)
            widest[name] = {"min": np.minimum(known["min"], ends["min"]), "max": np.maximum(known["max"], ends["max"])}
    return widest


def _tried(lab: Lab, source: LiteRtSource, method: str, ends: Ends, pictures: int, progress: Progress) -> Trial:
    progress(0, message("XM589", "what", way=method))
    with hushed():
        made = bytes(_library(source, "static" if ends else "dynamic").quantize(ends).quantized_model)
    noted: dict[str, Any] = {"method": method, "tool": LIBRARY}
    if ends:
        noted |= {"pictures": pictures, "layout": "S8S8, per channel"}
    return lab.trial(method, made, noted, progress)


def _library(source: LiteRtSource, kind: str) -> Any:
    from ai_edge_quantizer import quantizer, recipe

    made = quantizer.Quantizer(str(source.readable))
    rules = getattr(recipe, RECIPES[kind])()
    made.load_quantization_recipe(rules if kind == "dynamic" else [*rules, *map(_in_one_scale, rules)])
    return made


def _in_one_scale(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule for MatMul alone: with a scale for each channel of its weights, LiteRT makes every answer 0."""
    made = deepcopy(rule)
    made["operation"], made["op_config"]["weight_tensor_config"]["granularity"] = "BATCH_MATMUL", "TENSORWISE"
    return made
