"""What finding things costs beside the network, and with --coco DIR how well `objects` and `person` find them.

DIR has `images/` and `labels/`: pictures of COCO, and for each a text file with a line for each thing in it: number of its
kind, then centre x, centre y, width and height as parts of the picture. `--detector-fp32 FILE` is the network with 32-bit
numbers, which `python -m xmaker_objects.build_models --fp32 FILE` makes. The mean average precision is that of pycocotools
(`pip install pycocotools`).
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
from xmaker_toolbox.evaluation.boxes import Scenes, read_scenes
from xmaker_toolbox.evaluation.detect import detect
from xmaker_toolbox.nodes import Host
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.progress import quiet

from bench.measure import ROOT, Row, Settings, percentile
from bench.networks import Offered
from xmaker import Frame, Plugins

LIMIT, SHARE, TRACKER = 0.5, 6.0, 0.5
PICTURES = (*sorted(ROOT.glob("projects/*/media/*.jpg")),)


def run(settings: Settings) -> list[Row]:
    """Time the networks in the box on the projects' pictures, the tracker on a video, and look for COCO's things."""
    plugins = Plugins.load()
    rows = [row for model in ("objects", "face") for row in _beside_the_network(plugins, model, settings.rounds or 20)]
    rows += _tracker(plugins)
    return rows + (_coco(plugins, settings) if settings.coco else [])


class Watched:
    """Notes how long each call of a function took, in ms."""

    def __init__(self, call: Any) -> None:
        self._call, self.took = call, list[float]()

    def __call__(self, *given: Any) -> Any:
        start = time.perf_counter()
        found = self._call(*given)
        self.took.append((time.perf_counter() - start) * 1e3)
        return found


def _node(plugins: Plugins, model: str, **options: Any) -> Any:
    node: Any = plugins.nodes["detector"](model=model, **options)
    node.host = Host(plugins)
    node.open()
    return node


def _beside_the_network(plugins: Plugins, model: str, rounds: int) -> list[Row]:
    """Measure a whole search, and take away the network and what is done to the picture before it."""
    import cv2

    finder = _node(plugins, model)._finder
    network = finder._session.run = Watched(finder._session.run)
    before = finder._preparer.tensor = Watched(finder._preparer.tensor)
    find, found = Watched(finder.find), list[int]()
    images = [cv2.imread(str(path)) for path in PICTURES]
    for _ in range(rounds):
        found += [len(find(image)) for image in images]
    times = [*zip(find.took, network.took, before.took, strict=True)][len(images) :]  # the first round warms
    decode = [whole - run - prepared for whole, run, prepared in times]
    share = statistics.median(one / run for one, (_, run, _) in zip(decode, times, strict=True))
    with_some = [one / run for one, (_, run, _), count in zip(decode, times, found[len(images) :], strict=True) if count]
    beside = f"p95 {percentile(decode, 95):.3f} ms; {statistics.mean(found):.1f} things a picture"
    network_ms = statistics.median(run for _, run, _ in times)
    some = f"of {network_ms:.2f} ms; where there is something {statistics.median(with_some):.1%}"
    return [
        Row(f"{model}: decode and overlaps, p50", percentile(decode, 50), "ms", LIMIT, beside=beside),
        Row(f"{model}: its share of the network's time", share * 100, "%", SHARE, beside=some),
    ]


def _tracker(plugins: Plugins) -> list[Row]:
    """Time what gives things their numbers, on a video, with everything that scores 0.2 or more."""
    import cv2

    node, video = _node(plugins, "objects"), cv2.VideoCapture(str(ROOT / "projects/pet_counter/media/pets.mp4"))
    follow = node._follower.follow = Watched(node._follower.follow)
    while (read := video.read())[0]:
        node.host.moment += 1 / 30
        node.run(Frame(read[1], "pets.mp4"))
    beside = f"p95 {percentile(follow.took, 95):.3f} ms; {len(follow.took)} frames"
    return [Row("tracker, p50", percentile(follow.took, 50), "ms", TRACKER, beside=beside)]


def _coco(plugins: Plugins, settings: Settings) -> list[Row]:
    assert settings.coco
    files = {"int8": None, **({"fp32": settings.detector_fp32} if settings.detector_fp32 else {})}
    cards = [
        msgspec.structs.replace(
            plugins.model(name, Path()), name=f"{name}-{kind}", path=file or plugins.model(name, Path()).path
        )
        for name in ("objects", "person")
        for kind, file in files.items()
    ]
    plugins.add("bench-detectors", Offered(cards))
    names = plugins.model("objects", Path()).label_names()
    scenes, rows = read_scenes(settings.coco, dict(enumerate(map(str, names)))), list[Row]()
    for kind in files:
        figures = detect(plugins, f"objects-{kind}", settings.coco, scenes, "", quiet).figures
        things = sum(len(scene.things) for scene in scenes.scenes)
        beside = f"AP50 {figures['AP50']:.3f}; {len(scenes.scenes)} pictures, {things} things"
        rows.append(Row(f"objects, mAP, {kind.upper()}", figures["mAP"], beside=beside))
        rows.append(_people(_node(plugins, f"person-{kind}"), scenes, kind.upper()))
    return rows


def _people(node: Any, scenes: Scenes, kind: str) -> Row:
    """Return how many pictures are told right: whether there is a person."""
    counts = {"found": 0, "missed": 0, "false": 0, "rightly none": 0}
    for scene in scenes.scenes:
        there = any(thing.number == 0 for thing in scene.things)
        seen = node.run(Frame(load_picture(scene.path), scene.path.name)).count() > 0
        counts["found" if there and seen else "missed" if there else "false" if seen else "rightly none"] += 1
    right, beside = counts["found"] + counts["rightly none"], ", ".join(f"{n} {name}" for name, n in counts.items())
    return Row(f"person or none, {kind}", right / len(scenes.scenes), beside=beside)
