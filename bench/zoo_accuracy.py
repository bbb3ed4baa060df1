"""How well networks with true weights do: those in the box, and those of `--zoo DIR`, whose cards are written here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measure import Settings
from bench.zoo_files import cache
from xmaker import Plugins
from xmaker.cards import card_inside

Line = list[str]
"""Network, data, measure, FP32, INT8."""

PERSON = 0.005
"""A person counts who takes this part of a picture: the rule of Visual Wake Words, https://arxiv.org/abs/1906.05721."""


def lines(settings: Settings) -> Iterator[Line]:
    """Yield a line for each network and set of pictures that was named on the command line."""
    labels = Plugins.load().model("imagenet", Path()).labels["en"]
    things = Plugins.load().model("objects", Path()).labels["en"]
    if settings.imagenet:
        data = settings.imagenet / "labels.csv"
        yield from _line("EfficientNet-Lite0", data, "top-1", _box_fp32(settings), "imagenet")
        networks = _cards(settings, "mobilenet_v2_1.0_224", mobilenet(labels))
        yield from _line("MobileNetV2", data, "top-1", *networks)
    if settings.coco:
        yield from _line("EfficientDet-Lite0", settings.coco, "mAP", None, "objects")
        yield from _line("SSD-MobileNetV1", settings.coco, "mAP", *_cards(settings, "ssd_mobilenet_v1_coco", ssd(things)))
        yield from _line("NanoDet-m", settings.coco, "mAP", *_cards(settings, "nanodet_m_416", nanodet(things)))
        yield from _line("FastestDet", settings.coco, "mAP", *_cards(settings, "fastestdet_352", fastestdet(things)))
        networks = _cards(settings, "vww_mobilenet_v1_0.25_96", PEOPLE)
        yield from _line("person or not, MobileNetV1 0.25", people(settings.coco), "top-1", *networks)


def _line(name: str, data: Path, measure: str, *models: str | Path | None) -> Iterator[Line]:
    """Yield the line of a network in FP32 and INT8, unless neither is there."""
    from xmaker.toolbox import evaluate

    if any(models):
        found = [evaluate(model, data) if model else None for model in models]
        count = next(one.pictures for one in found if one)
        figures = [f"{one.figures[measure]:.3f}" if one else "–" for one in found]
        yield [name, f"{data.name if data.is_dir() else data.parent.name}, {count} pictures", measure, *figures]


def _box_fp32(settings: Settings) -> Path | None:
    """Return the true FP32 network of the box, when its file was named: as it is where it has its own card inside."""
    if settings.fp32 is None or card_inside(settings.fp32):
        return settings.fp32
    card = Plugins.load().model("imagenet", Path())
    import msgspec

    known = msgspec.to_builtins(card)
    return _written("efficientnet_lite0_fp32", {**known, "path": None, "sha256": ""}, settings.fp32)


def _cards(settings: Settings, stem: str, card: dict[str, Any]) -> tuple[Path | None, Path | None]:
    """Write cards for the FP32 and INT8 files of a network, as far as they are there."""
    if settings.zoo is None:
        return None, None
    floats = [file for name in (f"{stem}_fp32.onnx", f"{stem}.onnx") if (file := settings.zoo / name).is_file()]
    bytes_ = settings.zoo / f"{stem}_int8.onnx"
    return (
        _written(f"{stem}_fp32", card, floats[0]) if floats else None,
        _written(f"{stem}_int8", card, bytes_) if bytes_.is_file() else None,
    )


def _written(name: str, card: dict[str, Any], file: Path) -> Path:
    path = cache() / "cards" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**card, "name": name, "file": str(file.absolute())}, ensure_ascii=False), encoding="utf-8")
    return path


def _input(size: int, mean: float | list[float], std: float | list[float], **more: Any) -> dict[str, Any]:
    mean, std = ([one] * 3 if isinstance(one, float) else one for one in (mean, std))
    known = {"width": size, "height": size, "layout": "NCHW", "dtype": "float32", "colour": "RGB", "resize": "stretch"}
    return {**known, "mean": mean, "std": std, **more}


def mobilenet(labels: list[str]) -> dict[str, Any]:
    """TensorFlow's MobileNetV2 has a class "background" before ImageNet's."""
    wanted = _input(224, 128.0, 128.0, resize="centre-crop", crop=0.875)
    return {"task": "classify", "input": wanted, "labels": {"en": ["background", *labels]}}


def _table(name: str, headings: list[str], rows: list[tuple[Path, Any]]) -> Path:
    path = cache() / "tables" / name / "labels.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *((picture.absolute(), label) for picture, label in rows)])
    return path


def ssd(things: list[str]) -> dict[str, Any]:
    """TensorFlow's SSD numbers COCO's things from 1 to 90, and leaves some out."""
    decode = {"layout": "ssd", "numbers": NUMBERS}
    return {"task": "detect", "input": _input(300, 128.0, 128.0), "labels": {"en": things}, "decode": decode}


NUMBERS = [number for number in range(90) if number + 1 not in (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)]
"""Which of 90 numbers stand for the 80 things of COCO, in their order."""


def nanodet(things: list[str]) -> dict[str, Any]:
    """NanoDet takes BGR, with ImageNet's mean and deviation."""
    wanted = _input(416, [103.53, 116.28, 123.675], [57.375, 57.12, 58.395], colour="BGR")
    return {"task": "detect", "input": wanted, "labels": {"en": things}, "decode": {"layout": "nanodet"}}


def fastestdet(things: list[str]) -> dict[str, Any]:
    wanted = _input(352, 0.0, 255.0, colour="BGR")
    return {"task": "detect", "input": wanted, "labels": {"en": things}, "decode": {"layout": "fastestdet"}}


PEOPLE = {"task": "classify", "input": _input(96, 0.0, 255.0), "labels": {"en": ["no person", "person"]}}


def people(coco: Path) -> Path:
    """Write a table that says of each of COCO's pictures whether somebody is on it."""
    rows = []
    for picture in sorted((coco / "images").rglob("*.jpg")):
        listed = coco / "labels" / f"{picture.stem}.txt"
        things = [line.split() for line in listed.read_text(encoding="utf-8").splitlines()] if listed.is_file() else []
        somebody = any(thing[0] == "0" and float(thing[3]) * float(thing[4]) > PERSON for thing in things)
        rows.append((picture, "person" if somebody else "no person"))
    return _table(coco.name, ["file", "label"], rows)
