"""Builds a network of the tutorial's tables with random weights: `python zoo_build.py NAME FOLDER`.

It runs in an environment of its own, which `bench.zoo_files` makes; XMaker is not there. It writes NAME.onnx, NAME_int8.onnx,
NAME.ncnn.param, NAME.tflite and NAME_int8.tflite, and prints as JSON why some of them are not there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_ops import declare_ops

declare_ops()

from torchvision import models  # noqa: E402

SIZES = {"ssd_lite": (320, 320), "yolov3": (416, 416), "faster_rcnn": (1333, 800), "mask_rcnn": (1333, 800)}
"""Height and width as MMEdu prepares pictures for them (BaseDT); others take 224 by 224."""
CALIBRATION = 8
"""So many pictures of noise calibrate an INT8 network."""
AFTER = {"int8": "onnx", "tflite_int8": "tflite"}
"""What is made of what."""
KINDS = 80
"""Of things in COCO."""


class YoloV3(nn.Module):
    """Darknet-53 with YOLOv3's three heads: [1, 255, h, w] each, as in https://arxiv.org/abs/1804.02767, figure and table 1."""

    def __init__(self) -> None:
        super().__init__()
        import timm

        self.body = timm.create_model("darknet53", pretrained=False, features_only=True, out_indices=(3, 4, 5))
        self.sets, self.heads, self.ups = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        above = 0
        for width, channels in ((512, 1024), (256, 512), (128, 256)):
            self.sets.append(_five(channels + above, width))
            self.heads.append(nn.Sequential(_conv(width, 2 * width, 3), nn.Conv2d(2 * width, 3 * (5 + KINDS), 1)))
            self.ups.append(nn.Sequential(_conv(width, width // 2, 1), nn.Upsample(scale_factor=2)))
            above = width // 2

    def forward(self, picture: Tensor) -> list[Tensor]:
        found: list[Tensor] = []
        above: Tensor | None = None
        for place, level in enumerate(reversed(self.body(picture))):
            five = self.sets[place](level if above is None else torch.cat([above, level], 1))
            found.append(self.heads[place](five))
            above = self.ups[place](five) if place < 2 else None
        return found


def _conv(before: int, after: int, size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, size, padding=size // 2, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(0.1)
    )


def _five(before: int, width: int) -> nn.Sequential:
    pairs = [_conv(before, width, 1)]
    for _ in range(2):
        pairs += [_conv(width, 2 * width, 3), _conv(2 * width, width, 1)]
    return nn.Sequential(*pairs)


class Detector(nn.Module):
    """A detector of torchvision that takes a batch of one, as everybody else's does, and gives tensors."""

    def __init__(self, detector: nn.Module) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, picture: Tensor) -> list[Tensor]:
        return list(self.detector([picture[0]])[0].values())


class RawSsd(nn.Module):
    """SSD up to its raw outputs. What follows takes as long as there are things, and random weights see things everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.detector = models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)

    def forward(self, picture: Tensor) -> list[Tensor]:
        found = self.detector.head(list(self.detector.backbone(picture).values()))
        return [found["bbox_regression"], found["cls_logits"].softmax(2)]


def _detector(name: str) -> Callable[[], nn.Module]:
    return lambda: Detector(getattr(models.detection, name)(weights=None, weights_backbone=None))


MAKERS: dict[str, Callable[[], nn.Module]] = {
    "mobilenet_v2": lambda: models.mobilenet_v2(weights=None),
    "shufflenet_v2": lambda: models.shufflenet_v2_x1_0(weights=None),
    "resnet18": lambda: models.resnet18(weights=None),
    "resnet50": lambda: models.resnet50(weights=None),
    "vgg16": lambda: models.vgg16(weights=None),
    "ssd_lite": RawSsd,
    "faster_rcnn": _detector("fasterrcnn_resnet50_fpn"),
    "mask_rcnn": _detector("maskrcnn_resnet50_fpn"),
    "yolov3": YoloV3,
}


def main(name: str, folder: Path) -> None:
    """Write what can be written of one network, and print why the rest cannot."""
    torch.manual_seed(1)
    network = with_norms(MAKERS[name]()).eval()
    picture = torch.rand(1, 3, *SIZES.get(name, (224, 224)))
    steps = {"onnx": to_onnx, "int8": to_int8, "ncnn": to_ncnn, "tflite": to_tflite, "tflite_int8": to_tflite_int8}
    wrong: dict[str, str] = {}
    for kind, step in steps.items():
        if AFTER.get(kind) in wrong:
            continue
        try:
            step(network, picture, folder / name)
        except Exception as error:  # noqa: BLE001  # converters raise what they like
            lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
            wrong[kind] = f"{type(error).__name__}: {lines[0][:160]}"
    print(json.dumps(wrong), flush=True)


def with_norms(network: nn.Module) -> nn.Module:
    """Give batch norms random weights: some begin with zeros, which converters would see through and leave out."""
    for norm in (one for one in network.modules() if isinstance(one, nn.BatchNorm2d)):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, std=0.1)
    return network


def to_onnx(network: nn.Module, picture: Tensor, stem: Path) -> None:
    part = stem.with_suffix(".part")
    torch.onnx.export(network, (picture,), str(part), opset_version=13, dynamo=False, input_names=["image"])
    part.rename(stem.with_suffix(".onnx"))


def noise(shape: torch.Size) -> Iterator[Any]:
    """Yield pictures to calibrate with; random weights have not learnt what pictures look like."""
    random = np.random.default_rng(1)
    return (random.random(tuple(shape), np.float32) for _ in range(CALIBRATION))


def to_int8(_network: nn.Module, picture: Tensor, stem: Path) -> None:
    """Quantize convolutions and products statically: bytes without a sign for values, with one for weights, per channel."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Noise(CalibrationDataReader):
        def __init__(self) -> None:
            self.pictures = noise(picture.shape)

        def get_next(self) -> dict[str, Any] | None:
            found = next(self.pictures, None)
            return None if found is None else {"image": found}

    ready, part = stem.with_suffix(".ready.onnx"), stem.with_suffix(".part.onnx")
    quant_pre_process(str(stem.with_suffix(".onnx")), str(ready), skip_symbolic_shape=True)
    quantize_static(
        str(ready),
        str(part),
        Noise(),
        QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Gemm", "MatMul"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    ready.unlink()
    part.rename(stem.with_name(f"{stem.name}_int8.onnx"))


def to_ncnn(network: nn.Module, picture: Tensor, stem: Path) -> None:
    traced = stem.with_suffix(".pt")
    torch.jit.trace(network, picture).save(str(traced))
    shape = ",".join(map(str, picture.shape))
    command = [str(Path(sys.executable).with_name("pnnx")), traced.name, f"inputshape=[{shape}]", "fp16=0"]
    done = subprocess.run(command, cwd=stem.parent, capture_output=True, text=True, errors="replace")
    text = stem.with_suffix(".ncnn.param").read_text() if stem.with_suffix(".ncnn.param").is_file() else ""
    for left in (*stem.parent.glob(f"{stem.name}.pnnx.*"), *stem.parent.glob(f"{stem.name}_*.py"), traced):
        left.unlink()
    kinds = {line.split()[0] for line in text.splitlines()[2:]}
    unknown = sorted(kind for kind in kinds if "." in kind or ":" in kind)  # names of torch's that ncnn does not know
    if done.returncode or not text or unknown:
        for ending in (".ncnn.param", ".ncnn.bin"):
            stem.with_suffix(ending).unlink(missing_ok=True)
        raise RuntimeError(f"pnnx: ncnn has no {', '.join(unknown)}" if unknown else f"pnnx: exit code {done.returncode}")


def to_tflite(network: nn.Module, picture: Tensor, stem: Path) -> None:
    import litert_torch

    part = stem.with_suffix(".part")
    litert_torch.convert(network, (picture,)).export(str(part))
    part.rename(stem.with_suffix(".tflite"))


def to_tflite_int8(_network: nn.Module, picture: Tensor, stem: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, recipe

    floats = stem.with_suffix(".tflite")
    (signature, parts), *_ = Interpreter(str(floats)).get_signature_list().items()
    pictures = [{parts["inputs"][0]: one} for one in noise(picture.shape)]
    work = quantizer.Quantizer(str(floats), recipe.static_wi8_ai8())
    part = stem.with_suffix(".part")
    part.write_bytes(work.quantize(work.calibrate({signature: pictures})).quantized_model)
    part.rename(stem.with_name(f"{stem.name}_int8.tflite"))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
