"""The networks in the box find what is in the packaged pictures."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import pytest
from xmaker_detector.node import Detector

from xmaker import Detections, Frame, Plugins

MEDIA = Path(__file__).parents[2] / "projects/cat_dog/media"


@cache
def plugins() -> Plugins:
    return Plugins.load()


def found(model: str, picture: str, **options: Any) -> Detections:
    node: Any = Detector(model=model, **options)
    load = lambda card, *_: plugins().engine(card).load(card, 1)  # noqa: E731
    node.host = SimpleNamespace(model=lambda name: plugins().model(name, Path()), session=load, moment=0.0)
    node.open()
    return node.run(Frame(cv2.imread(str(MEDIA / picture))))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("picture", "labels"),
    [
        ("astronaut.jpg", ["person"]),
        ("cat1.jpg", ["cat"]),
        ("cat2.jpg", ["cat"]),
        ("coffee.jpg", ["cup", "dining table"]),
        ("dog1.jpg", ["dog", "bicycle"]),
        ("rocket.jpg", []),
    ],
)
def test_objects_finds_80_kinds_of_things(picture: str, labels: list[str]) -> None:
    assert [item.label for item in found("objects", picture).items] == labels


def test_a_box_is_where_the_cat_is() -> None:
    left, top, width, height = found("objects", "cat2.jpg").items[0].box
    assert (left, top, width, height) == pytest.approx((75, 36, 474, 414), abs=6)


@pytest.mark.parametrize(("picture", "count"), [("astronaut.jpg", 1), ("cat1.jpg", 0), ("dog1.jpg", 0), ("rocket.jpg", 0)])
def test_person_finds_people_only(picture: str, count: int) -> None:
    people = found("person", picture)
    assert people.count() == people.count("人") == count


@pytest.mark.parametrize(("picture", "count"), [("astronaut.jpg", 1), ("cat1.jpg", 0), ("coffee.jpg", 0)])
def test_face_finds_faces(picture: str, count: int) -> None:
    faces = found("face", picture)
    assert faces.count("face") == count
    if count:
        assert faces.nearest.x_px == pytest.approx(222, abs=12) and faces.nearest.y_px == pytest.approx(125, abs=15)


@pytest.mark.parametrize("name", ["objects", "person", "face"])
def test_the_files_are_those_that_were_built(name: str) -> None:
    card = plugins().model(name, Path())
    assert card.path is not None and sha256(card.path.read_bytes()).hexdigest() == card.sha256
    assert card.licence == "Apache-2.0" and card.accuracy
