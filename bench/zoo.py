"""The tutorial's tables for this computer: accuracy and pictures a second, FP32 and INT8; published figures beside.

Networks whose weights nobody here has are built with random ones (`bench.zoo_files`): that tells their speed, nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from xmaker_toolbox.progress import bar
from xmaker_toolbox.speed.bench import bench
from xmaker_toolbox.speed.results import Benchmark, Speed, this_machine
from xmaker_toolbox.speed.table import NONE, SIGNS, caption, pair, rate, slower

from bench import zoo_accuracy
from bench.measure import Settings
from bench.networks import dequantized
from bench.zoo_files import NETWORKS, built, network_file
from xmaker import Plugins

ENGINES = ("onnxruntime", "openvino", "litert", "ncnn")
BOX = {"efficientnet_lite0": "EfficientNet-Lite0", "efficientdet_lite0": "EfficientDet-Lite0"}
"""Networks in the box: file name → name in the tables."""
PUBLISHED: dict[str, Any] = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))


def report(settings: Settings) -> str:
    """Build, measure, and return both tables in Markdown."""
    names = [name for name in NETWORKS if settings.networks is None or name in settings.networks]
    wrong = built(names)
    files = [*_box(), *(network_file(name) for name in names if network_file(name).is_file())]
    machine = this_machine(Plugins.load())
    with bar() as progress:
        speeds = bench(files, rounds=settings.rounds or 2, progress=progress)
    benchmark = Benchmark.now(speeds, machine)
    versions = ", ".join(f"{name} {version}" for name, version in benchmark.versions.items())
    parts = [
        "## Pictures a second, FP32 / INT8",
        f"{caption(benchmark)}. {versions}.",
        grid(*speed_table(benchmark, names)),
        "\n".join(f"- {note}" for note in notes(benchmark, wrong)),
        "## Accuracy, FP32 / INT8",
        grid(*accuracy_table(settings)),
        f"- {ACCURACY_NOTE}\n- ¹ {PUBLISHED['source']}",
    ]
    text = "\n\n".join(parts) + "\n"
    if settings.markdown:
        settings.markdown.write_text(text, encoding="utf-8")
    return text


def _box() -> list[Path]:
    """Copy the networks of the box to where their 32-bit counterparts may lie beside them."""
    files = []
    for model, name in zip(("imagenet", "objects"), BOX, strict=True):
        int8 = Plugins.load().model(model, Path()).path
        assert int8 is not None  # a catalog's card has a file
        target = network_file(f"{name}_int8")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(int8.read_bytes())
        if model == "imagenet":
            target = target.with_name(f"{name}_fp32.onnx")  # beside which the other is found
            target.write_bytes(dequantized(int8).read_bytes())
        files.append(target)
    return files


def speed_table(benchmark: Benchmark, names: Iterable[str]) -> tuple[list[str], list[list[str]]]:
    """Return headings, and a row for each network: its size, what was measured here, what was published."""
    headings = ["network", "MB", *ENGINES, "INT8 takes", *(f"{board} ¹" for board in PUBLISHED["boards"])]
    titles, rows = BOX | NETWORKS, []
    for name in (*BOX, *names):
        floats, bytes_ = pair(benchmark, name, "onnxruntime")
        engines = [_both(*pair(benchmark, name, engine)) for engine in ENGINES]
        ratio = _ratio(benchmark, name) if floats else NONE
        published = [" / ".join(one or NONE for one in board) for board in PUBLISHED["speeds"].get(name, ())]
        rows.append([titles[name], _sizes(floats, bytes_), *engines, ratio, *(published or [NONE] * len(PUBLISHED["boards"]))])
    return headings, rows


def _ratio(benchmark: Benchmark, name: str) -> str:
    """Return what INT8 takes of FP32's time, with one thread each."""
    wanted = (name, "onnxruntime", "INT8", 1)
    found = [one.ratio for one in benchmark.speeds if (one.model, one.engine, one.precision, one.threads) == wanted]
    return f"{found[0]:.2f} ×" if found and found[0] else NONE


def _sizes(*both: Speed | None) -> str:
    return " / ".join(f"{one.megabytes:.1f}" if one else NONE for one in both)


def _both(floats: Speed | None, bytes_: Speed | None) -> str:
    if not floats and not bytes_:
        return NONE
    return f"{rate(floats)} / {rate(bytes_)}{SIGNS[1] if slower(floats, bytes_) else ''}"


NOTES = (
    "¹ " + PUBLISHED["source"],
    "Here: mean of ten runs, one picture at a time, the network alone, the better of one thread and all; threads sleep "
    "between two pictures. MB are those of the ONNX files. “INT8 takes”: its processor time by that of FP32, both in "
    "ONNX Runtime with one thread and in turn in one process, so that it hardly depends on what else the computer does.",
    "Weights are random, but for the first two: speed does not depend on them. INT8 of these: static, per channel, bytes "
    "without a sign for values, calibrated with noise; good for nothing but speed. ncnn's tools for INT8 are in no package. "
    "EfficientNet-Lite0 in FP32 is made from the INT8 file, and as fast as the true one.",
    "SSD_Lite is torchvision's, on MobileNetV3, up to its raw outputs; the published one is on MobileNetV1. R-CNNs are "
    "torchvision's on ResNet50 with FPN, for 1333 × 800; with random weights all 100 places for things are taken, so that Mask "
    "R-CNN makes as many masks as it ever does. YOLOv3 is timm's Darknet-53 with its three heads, up to their raw outputs, for "
    "416 × 416.",
)
ACCURACY_NOTE = (
    "Measured on a few pictures, some of which the networks may have learnt from: for comparing FP32 with INT8, not with "
    "published figures, which stand for all of ImageNet's or COCO's validation."
)


def notes(benchmark: Benchmark, wrong: dict[str, dict[str, str]]) -> Iterator[str]:
    """Yield the footnotes of the table of speeds: what it shows, and why what is not there is not."""
    yield from NOTES
    _, rows = speed_table(benchmark, wrong)
    if any(SIGNS[1] in cell for row in rows for cell in row):
        yield f"{SIGNS[1]} INT8 is slower here"
    for name, reasons in wrong.items():
        for kind, reason in reasons.items():
            yield f"{NETWORKS[name]}, no {kind}: {reason}"
    for one in benchmark.speeds:
        if one.error:
            yield f"{one.file}, {one.engine}, {one.threads} threads: {one.error}"


def accuracy_table(settings: Settings) -> tuple[list[str], list[list[str]]]:
    """Return headings, and a row for each network with true weights; then what was published of the tutorial's."""
    rows = [[*line, NONE] for line in zoo_accuracy.lines(settings)]
    for name, both in PUBLISHED["accuracies"].items():
        rows.append([NETWORKS[name], NONE, NONE, NONE, NONE, " / ".join(one or NONE for one in both)])
    return ["network", "data", "measure", "FP32", "INT8", "published ¹ FP32 / INT8"], rows


def grid(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---" for _ in headings], *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
