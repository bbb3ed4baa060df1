"""Reads pictures with boxes: a COCO file, or a folder of pictures with YOLO's labels beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from xmaker import ProjectError
from xmaker_toolbox.pictures import ENDINGS, load_picture, read_text

Box = tuple[float, float, float, float]


class Scene(msgspec.Struct):
    """A picture, and what is in it: the number of the class, (left, top, width, height) in pixels, whether it is a crowd."""

    path: Path
    things: list[tuple[int, Box, bool]]


class Scenes(msgspec.Struct):
    """Pictures with boxes, and the names of their classes by number."""

    names: dict[int, str]
    scenes: list[Scene]


def read_scenes(data: Path) -> Scenes:
    """Read a COCO file (.json; pictures beside it or in `images`), or a folder with `images` and `labels`.

    Raises ProjectError.
    """
    return _coco(data) if data.suffix.lower() == ".json" else _yolo(data)


def _coco(file: Path) -> Scenes:
    try:
        known = msgspec.json.decode(file.read_bytes())
        names = {int(one["id"]): str(one["name"]) for one in known["categories"]}
        things: dict[Any, list[tuple[int, Box, bool]]] = {one["id"]: [] for one in known["images"]}
        for one in known["annotations"]:
            left, top, width, height = map(float, one["bbox"])
            things[one["image_id"]].append((int(one["category_id"]), (left, top, width, height), bool(one.get("iscrowd"))))
        scenes = [Scene(_beside(file, str(one["file_name"])), things[one["id"]]) for one in known["images"]]
    except (OSError, msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise ProjectError.of("XM438", file=file, reason=f"{type(error).__name__}: {error}") from None
    return Scenes(names, scenes)


def _beside(file: Path, name: str) -> Path:
    places = [file.parent / name, file.parent / "images" / name, file.parent.parent / "images" / name]
    return next((place for place in places if place.is_file()), places[0])


def _yolo(folder: Path) -> Scenes:
    """A line is the number of the class, then the middle, width and height as parts of the picture's width and height."""
    pictures = sorted(path for path in (folder / "images").rglob("*") if path.suffix.lower() in ENDINGS)
    if not pictures or not (folder / "labels").is_dir():
        raise ProjectError.of("XM437", data=folder)
    scenes = [Scene(path, _lines(path, folder / "labels" / f"{path.stem}.txt")) for path in pictures]
    return Scenes(_names(folder), scenes)


def _lines(picture: Path, file: Path) -> list[tuple[int, Box, bool]]:
    if not file.is_file():
        return []  # nothing is in it
    image, things = load_picture(picture), list[tuple[int, Box, bool]]()
    if image is None:
        return []
    height, width = image.shape[:2]
    for line in read_text(file).splitlines():
        try:
            number, x, y, across, down = map(float, line.split()[:5]) if line.strip() else (-1.0, 0.0, 0.0, 0.0, 0.0)
        except ValueError:
            raise ProjectError.of("XM438", file=file, reason=line) from None
        if number >= 0:
            box = ((x - across / 2) * width, (y - down / 2) * height, across * width, down * height)
            things.append((int(number), box, False))
    return things


def _names(folder: Path) -> dict[int, str]:
    """Return the names of the classes: those of a text file with a name on each line, or of YOLO's own data.yaml."""
    for file in sorted([*folder.glob("*names*.txt"), *folder.glob("classes.txt"), *folder.glob("labels.txt")]):
        return dict(enumerate(line.strip() for line in read_text(file).splitlines() if line.strip()))
    for file in sorted(folder.glob("*.y*ml")):
        import yaml

        known = yaml.safe_load(read_text(file))
        names = known.get("names") if isinstance(known, dict) else None
        if names:
            return {int(number): str(name) for number, name in (names.items() if isinstance(names, dict) else enumerate(names))}
    raise ProjectError.of("XM439", data=folder)
