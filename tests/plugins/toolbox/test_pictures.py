"""What there is to calibrate, teach and measure with."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from xmaker_toolbox.pictures import Picture, load_picture, read_pictures

from xmaker import ProjectError


def draw(path: Path, shape: tuple[int, ...] = (4, 6, 3), kind: type = np.uint8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, np.full(shape, 7, kind))[1].tobytes())
    return path


def test_each_folder_is_a_class(tmp_path: Path) -> None:
    dog, cat = draw(tmp_path / "dog" / "more" / "1.png"), draw(tmp_path / "cat" / "2.JPG")
    draw(tmp_path / ".hidden" / "3.png")
    assert read_pictures(tmp_path) == [Picture(cat, "cat"), Picture(dog, "dog")]


def test_a_folder_without_folders_has_no_labels(tmp_path: Path) -> None:
    path = draw(tmp_path / "猫.png")
    assert read_pictures(tmp_path) == [Picture(path)]
    assert load_picture(path).shape == (4, 6, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("table", ["file,label\n1.png,小狗\n", "标签;文件\n小狗;1.png\n"])
def test_a_table_names_files_and_labels(tmp_path: Path, table: str, encoding: str) -> None:
    (tmp_path / "labels.csv").write_bytes(table.encode(encoding))
    assert read_pictures(tmp_path / "labels.csv") == [Picture(tmp_path / "1.png", "小狗")]


def test_a_class_may_be_a_number(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,class_index\na.jpg,281\n")
    assert read_pictures(tmp_path / "labels.csv") == [Picture(tmp_path / "a.jpg", 281)]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("none", "", "XM492"),
        ("a.txt", "x", "XM492"),
        ("a.csv", "", "XM495"),
        ("b.csv", "x,y\n1,2\n", "XM495"),
        ("c.csv", "file,label\n", "XM493"),
        ("empty/readme.md", "x", "XM493"),
    ],
)
def test_what_is_none_is_said(tmp_path: Path, name: str, text: str, code: str) -> None:
    if text or name.endswith(".csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(ProjectError) as caught:
        read_pictures((tmp_path / name).parent if "/" in name else tmp_path / name)
    assert caught.value.code == code


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3), (4, 6, 4), (1, 1, 3)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_any_picture_becomes_blue_green_red(tmp_path: Path, shape: tuple[int, ...], kind: type) -> None:
    image = load_picture(draw(tmp_path / "a.png", shape, kind))
    assert image.shape == (*shape[:2], 3)
    assert image.dtype == np.uint8


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert load_picture(tmp_path / "a.png") is None
    assert load_picture(tmp_path / "missing.png") is None
