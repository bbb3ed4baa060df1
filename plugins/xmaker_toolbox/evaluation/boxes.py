"""Reads pictures with boxes: a COCO file, or a folder of pictures with YOLO's labels beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from xmaker import ProjectError
from xmaker_toolbox.pictures import ENDINGS, read_text

Rectangle = tuple[float, float, float, float]
"""left, top, width, height."""
AROUND = 0.1
"""How far, in parts of the picture, YOLO's numbers may lie outside it: tools round, and let boxes reach over the edge."""


class Thing(msgspec.Struct):
    """Something in a picture: the number of its class, its box, and whether it is a whole crowd of them."""

    number: int
    box: Rectangle
    crowd: bool = False
    score: float = 1.0
    """How sure the model is, 0..1, where it was found."""


class Seen(msgspec.Struct):
    """A picture that was looked at: what is there and what was found, boxes in pixels, classes by the model's numbers."""

    path: Path
    things: list[Thing]
    found: list[Thing]


class Scene(msgspec.Struct):
    """A picture, and what is in it."""

    path: Path
    things: list[Thing]
    parts: bool = False
    """The boxes are in parts of the picture, as YOLO writes them, instead of pixels."""

    def in_pixels(self, width: int, height: int) -> list[Thing]:
        """Return the things with their boxes in pixels of the picture, which is this large."""
        if not self.parts:
            return self.things
        sides = (width, height, width, height)
        return [Thing(one.number, _times(one.box, sides), one.crowd) for one in self.things]


class Scenes(msgspec.Struct):
    """Pictures with boxes, and the names of their classes by number."""

    names: dict[int, str]
    scenes: list[Scene]


def _times(box: Rectangle, sides: Rectangle) -> Rectangle:
    left, top, across, down = (part * side for part, side in zip(box, sides, strict=True))
    return left, top, across, down


def read_scenes(data: Path, names: dict[int, str] | None = None) -> Scenes:
    """Read a COCO file (.json), or a folder with YOLO's labels: `images` and `labels`, or both in one folder.

    `names` are YOLO's classes where the caller knows them; else a file beside them does. Raises ProjectError when it is
    neither, or says something that cannot be.
    """
    return _coco(data) if data.suffix.lower() == ".json" else _yolo(data, names)


class _Picture(msgspec.Struct):
    id: int | str
    file_name: str


class _Annotation(msgspec.Struct):
    image_id: int | str
    category_id: int
    bbox: Rectangle
    iscrowd: int | bool = 0


class _Category(msgspec.Struct):
    id: int
    name: str


class _Coco(msgspec.Struct):
    images: list[_Picture]
    annotations: list[_Annotation]
    categories: list[_Category]


def _coco(file: Path) -> Scenes:
    """https://cocodataset.org/#format-data; boxes are left, top, width, height in pixels."""
    try:
        known = msgspec.json.decode(file.read_bytes(), type=_Coco)
    except OSError as error:
        raise ProjectError.of("XM438", file=file, reason=error.strerror or error) from None
    except msgspec.MsgspecError as error:
        raise ProjectError.of("XM438", file=file, reason=error) from None
    names = {one.id: one.name for one in known.categories}
    things: dict[int | str, list[Thing]] = {one.id: [] for one in known.images}
    for one in known.annotations:
        if one.image_id not in things:
            raise ProjectError.of("XM438", file=file, reason=f"image_id {one.image_id}")
        if one.category_id not in names:
            raise ProjectError.of("XM449", file=file, number=one.category_id, count=len(names))
        things[one.image_id].append(Thing(one.category_id, one.bbox, bool(one.iscrowd)))
    folders = [file.parent, file.parent / "images", *sorted(path for path in file.parent.parent.iterdir() if path.is_dir())]
    return Scenes(names, [Scene(_found_in(folders, one.file_name), things[one.id]) for one in known.images])


def _found_in(folders: list[Path], name: str) -> Path:
    """Return where a picture is: beside the file, or, as COCO's own files have it, in a folder beside the file's."""
    places = [folder / name.replace("\\", "/") for folder in folders]
    return next((place for place in places if place.is_file()), places[0])


def _yolo(folder: Path, known: dict[int, str] | None) -> Scenes:
    """Each picture has a text file of its name, in `labels` where there is `images`; no file, no things."""
    apart = (folder / "images").is_dir()
    top, labels = (folder / "images", folder / "labels") if apart else (folder, folder)
    pictures = sorted(path for path in top.rglob("*") if path.suffix.lower() in ENDINGS)
    texts = [(labels / path.relative_to(top)).with_suffix(".txt") for path in pictures]
    if not any(text.is_file() for text in texts):
        raise ProjectError.of("XM437", data=folder)
    names = known or _names(folder)
    lines = ([*_lines(text, names)] if text.is_file() else [] for text in texts)
    return Scenes(names, [Scene(path, things, parts=True) for path, things in zip(pictures, lines, strict=True)])


def _lines(file: Path, names: dict[int, str]) -> Iterator[Thing]:
    """A line: number of the class, then centre x, centre y, width, height in parts of the picture, or an outline's corners."""
    for line in read_text(file).splitlines():
        if not line.strip():
            continue
        try:
            number, *places = int(float(line.split()[0])), *map(float, line.split()[1:])
        except (ValueError, OverflowError):
            raise ProjectError.of("XM438", file=file, reason=line) from None
        if len(places) < 4 or not all(-AROUND <= place <= 1 + AROUND for place in places):
            raise ProjectError.of("XM438", file=file, reason=line)
        if number not in names:
            raise ProjectError.of("XM449", file=file, number=number, count=len(names))
        yield Thing(number, _box(places))


def _box(places: list[float]) -> Rectangle:
    if len(places) < 6:  # the fifth is a score, where a program has drawn the box
        x, y, width, height = places[:4]
        return x - width / 2, y - height / 2, width, height
    left, top = min(places[::2]), min(places[1::2])
    return left, top, max(places[::2]) - left, max(places[1::2]) - top


def _names(folder: Path) -> dict[int, str]:
    """Return the names of the classes: those of a text file with a name on each line, or of YOLO's own data.yaml."""
    for pattern in ("classes.txt", "*names*.txt", "*.names", "labels.txt"):
        for file in sorted(folder.glob(pattern)):
            return dict(enumerate(line.strip() for line in read_text(file).splitlines() if line.strip()))
    for file in sorted([*folder.glob("*.y*ml"), *folder.resolve().parent.glob("data.y*ml")]):
        if names := _names_in(file):
            return names
    raise ProjectError.of("XM439", data=folder)


def _names_in(file: Path) -> dict[int, str]:
    import yaml

    try:
        known = yaml.safe_load(read_text(file))
        names = known.get("names") if isinstance(known, dict) else None
        listed = names.items() if isinstance(names, dict) else enumerate(names or ())
        return {int(number): str(name) for number, name in listed}
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise ProjectError.of("XM438", file=file, reason=str(error).splitlines()[0]) from None
