"""Trains fruit.onnx, and writes it exactly as MMEdu's `model.convert` does: see README.md.

A class trains its own with MMEdu. This stands in for one, so that the project runs without: a small network, trained on
pictures that are put together from fruits of two sets of emoji, in front of made-up backgrounds. A third set, which it
never saw, tells how good it is.

    pip install torch onnx onnxruntime opencv-python-headless pillow cairosvg
    npm pack @lobehub/fluent-emoji-3d@1.1.0 @twemoji/svg@15.0.0     # unpack each into a folder
    apt install fonts-noto-color-emoji                              # 2.042
    python train.py FLUENT_FOLDER TWEMOJI_FOLDER
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import cairosvg
import cv2
import numpy as np
import onnx
import torch
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image, ImageDraw, ImageFont
from torch import nn

CLASSES = ["没有", "苹果", "香蕉", "橘子", "草莓"]
FRUITS = ["1f34e", "1f34c", "1f34a", "1f353"]
OTHERS = ["1f600", "26bd", "1f697", "1f431", "1f33b", "1f4d5", "1f346", "1f955", "1f384", "1f30d", "1f9e6", "1f511"]
"""What is no fruit of these: a face, a ball, a car, a cat, …"""
MEAN, STD = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
SMALLER = nn.AvgPool2d(3)
"""The network's first layer, which learns nothing."""
HERE = Path(__file__).parent
dice = np.random.default_rng(1)


def fluent(folder: Path, code: str) -> Any:
    return np.array(Image.open(folder / "package/assets" / f"{code}.webp").convert("RGBA"))


def noto(code: str) -> Any:
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf", 109)
    picture = Image.new("RGBA", (136, 128))
    ImageDraw.Draw(picture).text((0, 0), chr(int(code, 16)), font=font, embedded_color=True)
    return np.array(picture)


def twemoji(folder: Path, code: str) -> Any:
    png = cairosvg.svg2png(url=str(folder / "package" / f"{code}.svg"), output_width=256, output_height=256)
    return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))


def background(height: int, width: int) -> Any:
    """Return an RGB picture of two colours, with some rectangles, lines and noise."""
    corners = dice.integers(0, 256, (2, 2, 3)).astype(np.float32)
    made = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(dice.integers(0, 8)):
        colour = tuple(int(part) for part in dice.integers(0, 256, 3))
        one, two = (tuple(int(part) for part in dice.integers(0, (width, height))) for _ in range(2))
        if dice.random() < 0.5:
            cv2.rectangle(made, one, two, colour, -1)
        else:
            cv2.line(made, one, two, colour, int(dice.integers(1, 12)))
    return np.clip(made + dice.normal(0, dice.uniform(0, 20), made.shape), 0, 255)


def placed(thing: Any, scene: Any) -> Any:
    """Put a thing somewhere into a scene: turned, mirrored, nearer or farther."""
    height, width = scene.shape[:2]
    size = dice.uniform(0.35, 0.95) * height
    scale = size / max(thing.shape[:2])
    turn = cv2.getRotationMatrix2D((thing.shape[1] / 2, thing.shape[0] / 2), dice.uniform(-60, 60), scale)
    room = np.array([width, height]) - size * 0.7
    turn[:, 2] += (np.array([width, height]) - thing.shape[1::-1]) / 2 + dice.uniform(-0.4, 0.4, 2) * np.maximum(room, 0)
    thing = thing[:, ::-1] if dice.random() < 0.5 else thing
    laid = cv2.warpAffine(np.ascontiguousarray(thing), turn, (width, height), flags=cv2.INTER_AREA).astype(np.float32)
    cover = laid[..., 3:] / 255
    return scene * (1 - cover) + laid[..., :3] * cover


def picture(things: list[Any]) -> Any:
    """Return a BGR picture as a camera would give it, with one of these things, or with nothing."""
    scene = background(240, 320)
    if things:
        scene = placed(things[dice.integers(len(things))], scene)
    scene = (scene - 128) * dice.uniform(0.6, 1.2) + 128 + dice.uniform(-40, 40) + dice.uniform(-15, 15, 3)
    scene = cv2.GaussianBlur(scene, (0, 0), dice.uniform(0.1, 1.5))
    ok, data = cv2.imencode(".jpg", np.clip(scene, 0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert ok
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def tensor(image: Any) -> Any:
    """Prepare a BGR picture as BaseDT does for this backbone."""
    ready = ((image[..., ::-1] - MEAN) / STD).astype(np.float32)
    return cv2.resize(ready, (256, 256))[16:240, 16:240].transpose(2, 0, 1)


def pictures_of(sets: list[list[Any]], count: int, third: bool = True) -> tuple[Any, Any]:
    """Return so many pictures, prepared and a third as large, and what is on each."""
    labels = dice.integers(0, len(CLASSES), count)
    things = [[] if label == 0 and dice.random() < 0.4 else sets[label] for label in labels]
    made = (torch.from_numpy(tensor(picture(one)).copy()) for one in things)
    return torch.stack([SMALLER(one) if third else one for one in made]), torch.from_numpy(labels)


def network_of(widths: tuple[int, ...] = (24, 48, 96, 128)) -> nn.Module:
    """Return a network that halves the picture with each layer."""
    layers: list[nn.Module] = []
    for given, gives in zip((3, *widths), widths, strict=False):
        layers += [nn.Conv2d(given, gives, 3, 2, 1, bias=False), nn.BatchNorm2d(gives), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], len(CLASSES)))


def train(network: nn.Module, pictures: Any, labels: Any, epochs: int = 24, size: int = 32) -> None:
    steps = len(labels) // size
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, epochs * steps)
    network.train()
    for epoch in range(epochs):
        losses = []
        for some in torch.randperm(len(labels))[: steps * size].split(size):
            shown = pictures[some].flip(3) if dice.random() < 0.5 else pictures[some]
            loss = nn.functional.cross_entropy(network(shown), labels[some], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(epoch, round(float(np.mean(losses)), 3), flush=True)


def right(network: nn.Module, sets: list[list[Any]], count: int = 500) -> float:
    pictures, labels = pictures_of(sets, count)
    network.eval()
    with torch.no_grad():
        return float((network(pictures).argmax(1) == labels).float().mean())


def convert(network: nn.Module, path: Path) -> None:
    """Write what MMEdu 0.1.15 and later write: opset 11, IR 6, `input` and `probs`, and MODEL_INFO."""
    whole = nn.Sequential(SMALLER, network, nn.Softmax(1)).eval()
    names = {"input_names": ["input"], "output_names": ["probs"]}
    torch.onnx.export(whole, torch.zeros(1, 3, 224, 224), str(path), opset_version=11, dynamo=False, **names)
    model = onnx.load(str(path))
    model.ir_version = 6
    info = {"codebase": "MMCls", "modelname": "MobileNet", "classes": CLASSES}
    model.metadata_props.append(onnx.StringStringEntryProto(key="MODEL_INFO", value=json.dumps(info)))
    onnx.save(model, str(path))


class Calibration(CalibrationDataReader):
    def __init__(self, sets: list[list[Any]]) -> None:
        self.pictures = iter(pictures_of(sets, 64, third=False)[0].numpy())

    def get_next(self) -> dict[str, Any] | None:
        found = next(self.pictures, None)
        return None if found is None else {"input": found[None]}


def main() -> None:
    fluent_folder, twemoji_folder = map(Path, sys.argv[1:3])
    codes = [OTHERS, *([code] for code in FRUITS)]
    seen = [[draw(code) for code in some for draw in (noto, lambda code: fluent(fluent_folder, code))] for some in codes]
    unseen = [[twemoji(twemoji_folder, code) for code in some] for some in codes]
    torch.manual_seed(1)
    network = network_of()
    train(network, *pictures_of(seen, 4000))
    print("right of sets it knows", right(network, seen), "of one that it never saw", right(network, unseen))
    convert(network, HERE / "fruit.onnx")
    newer = HERE / "newer.onnx"
    onnx.save(version_converter.convert_version(onnx.load(str(HERE / "fruit.onnx")), 13), str(newer))
    settings = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "per_channel": True}
    quantize_static(newer, HERE / "fruit_int8.onnx", Calibration(seen), quant_format=QuantFormat.QDQ, **settings)
    newer.unlink()
    for number, name in enumerate(["nothing", "apple", "banana", "tangerine", "strawberry"]):
        things = [noto(FRUITS[number - 1])] if number else []
        cv2.imwrite(str(HERE / "media" / f"{number}_{name}.jpg"), picture(things))


if __name__ == "__main__":
    main()
